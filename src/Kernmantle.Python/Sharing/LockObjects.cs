using Kernmantle.Python.Values;
using Kernmantle.SharedState;

namespace Kernmantle.Python.Sharing;

/// <summary>A lock, in any of the ways in which it is taken for a thread or task of the worker.</summary>
internal abstract class TakenObject<T>(T target, string kind) : StateObject<T>(target, kind)
    where T : SharedObject, ISharedObject<T>
{
    /// <param name="ask">Who asks.</param>
    /// <param name="enter">Takes it, if it is free in time.</param>
    /// <param name="exit">Gives it back.</param>
    /// <param name="arguments">Whether an abandoned one is taken too.</param>
    protected static void Acquire(Ask ask, Func<TimeSpan, CancellationToken, Task<LockTaken>> enter, Action exit, ref PythonReader arguments)
    {
        bool repairs = ReadArguments.One<bool>(ref arguments);
        LockTaken taken = LockTaken.No;
        Wait(ask, async (timeout, token) => (taken = await enter(timeout, token).ConfigureAwait(false)) != LockTaken.No, () =>
        {
            if (taken == LockTaken.Yes || repairs)
            {
                ask.Done(true, undo: exit);
                return;
            }
            exit();
            ask.Failed(new AbandonedLockException());
        });
    }
}

internal sealed class LockObject(SharedLock target) : TakenObject<SharedLock>(target, "lock")
{
    protected override void Begin(Ask ask, SharedLock mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Acquire:
                Acquire(ask, mine.TryEnterAsync, mine.Exit, ref arguments);
                break;
            case Operation.Release:
                Do(ask, mine.Exit, ref arguments);
                break;
            case Operation.IsConsistent:
                ask.Done(mine.IsConsistent);
                break;
            case Operation.MarkConsistent:
                Do(ask, mine.MarkConsistent, ref arguments);
                break;
            default:
                throw Unknown(ask);
        }
    }
}

internal sealed class ReaderWriterLockObject(SharedReaderWriterLock target) : TakenObject<SharedReaderWriterLock>(target, "reader_writer_lock")
{
    protected override void Begin(Ask ask, SharedReaderWriterLock mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.AcquireRead:
                Acquire(ask, mine.TryEnterReadAsync, mine.ExitRead, ref arguments);
                break;
            case Operation.AcquireWrite:
                Acquire(ask, mine.TryEnterWriteAsync, mine.ExitWrite, ref arguments);
                break;
            case Operation.ReleaseRead:
                Do(ask, mine.ExitRead, ref arguments);
                break;
            case Operation.ReleaseWrite:
                Do(ask, mine.ExitWrite, ref arguments);
                break;
            case Operation.IsConsistent:
                ask.Done(mine.IsConsistent);
                break;
            case Operation.MarkConsistent:
                Do(ask, mine.MarkConsistent, ref arguments);
                break;
            default:
                throw Unknown(ask);
        }
    }
}
