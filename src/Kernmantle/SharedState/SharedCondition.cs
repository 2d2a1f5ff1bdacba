using System.Diagnostics;
using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// Waits, while a <see cref="SharedLock"/> is given back, until another thread, of any process that was handed both, has changed what that protects and says so. As with <see cref="Monitor.Wait(object)"/>,
/// a wait may end for no reason: look at what you wait for, and wait again, or let <see cref="WaitUntil"/> do it.
/// </summary>
public sealed class SharedCondition : SharedObject, ISharedObject<SharedCondition>
{
    /// <summary>Makes a condition.</summary>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedCondition()
        : this(StateMemory.Create(StateKind.Condition, 0))
    {
    }

    private SharedCondition(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedCondition>.Kind => StateKind.Condition;

    /// <summary>Gives the lock back, waits to be told, and takes the lock again, as often as it was taken.</summary>
    /// <param name="held">The lock, which the calling thread has.</param>
    /// <param name="timeout">How long to wait to be told; <see cref="Timeout.InfiniteTimeSpan"/> for ever. The lock is waited for without end.</param>
    /// <param name="cancellationToken">Ends the waiting to be told.</param>
    /// <returns>False if it was not told in time. The caller has the lock, in any case and after any exception but the first two and the last.</returns>
    /// <exception cref="SynchronizationLockException">The calling thread has not got the lock.</exception>
    /// <exception cref="DeadlockException">The lock breaks deadlocks, and taking it again would have closed a circle: the caller has it no more.</exception>
    /// <exception cref="AbandonedLockException">An owner of the lock died meanwhile. The caller has it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    /// <exception cref="ObjectDisposedException">The condition was disposed of (the caller has the lock), or the lock was.</exception>
    public bool Wait(SharedLock held, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(held);
        StateWait.Check(timeout);
        StateWait.ThrowIfEnded(Memory);
        var look = new NewsLook(Volatile.Read(ref Memory.Words.State));
        int depth = held.ExitWholly();
        bool isTold;
        LockTaken taken = LockTaken.No;
        try
        {
            isTold = StateWait.For(Memory, ref look, timeout, cancellationToken);
        }
        finally
        {
            taken = held.EnterWholly(depth);
        }
        return taken == LockTaken.Abandoned ? throw new AbandonedLockException() : isTold;
    }

    /// <summary>The same for who acts for another.</summary>
    /// <param name="held">The lock.</param>
    /// <param name="timeout">How long to wait to be told.</param>
    /// <param name="cancellationToken">Ends the waiting to be told.</param>
    /// <param name="gone">That other is no more: ends the waiting for the lock.</param>
    internal async Task<bool> WaitAsync(SharedLock held, TimeSpan timeout, CancellationToken cancellationToken, CancellationToken gone)
    {
        StateWait.ThrowIfEnded(Memory);
        var look = new NewsLook(Volatile.Read(ref Memory.Words.State));
        int depth = held.ExitWholly();
        bool isTold;
        LockTaken taken = LockTaken.No;
        try
        {
            isTold = await StateWaits.ForAsync(Memory, look, timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            taken = await held.EnterWhollyAsync(depth, gone).ConfigureAwait(false);
        }
        return taken == LockTaken.Abandoned ? throw new AbandonedLockException() : isTold;
    }

    /// <summary>Waits like <see cref="Wait"/>, again and again, until something holds.</summary>
    /// <param name="held">The lock, which the calling thread has.</param>
    /// <param name="holds">What is waited for; called while the thread has the lock.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if it did not hold in time.</returns>
    /// <exception cref="SynchronizationLockException">The calling thread has not got the lock.</exception>
    /// <exception cref="DeadlockException">As of <see cref="Wait"/>.</exception>
    /// <exception cref="AbandonedLockException">An owner of the lock died meanwhile. The caller has it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    /// <exception cref="ObjectDisposedException">The condition was disposed of (the caller has the lock), or the lock was.</exception>
    public bool WaitUntil(SharedLock held, Func<bool> holds, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(holds);
        StateWait.Check(timeout);
        long started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - Stopwatch.GetElapsedTime(started);
            if (left < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
                return false;
            Wait(held, left, cancellationToken);
        }
        return true;
    }

    /// <summary>Tells one that waits. It goes on when the lock is free.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void Notify() => Tell(1);

    /// <summary>Tells all that wait.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void NotifyAll() => Tell(int.MaxValue);

    static SharedCondition ISharedObject<SharedCondition>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedCondition>.Allows(long parameter, long bytes) => parameter == 0;

    private void Tell(int count)
    {
        StateWait.ThrowIfEnded(Memory);
        SharedStores.Increment(ref Memory.Words.State);
        Memory.Ring(count);
        GC.KeepAlive(Memory);
    }

    private readonly struct NewsLook(long seen) : ILook
    {
        public bool TryTake(StateMemory memory) => Volatile.Read(ref memory.Words.State) != seen;
    }
}
