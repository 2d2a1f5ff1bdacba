using Kernmantle.Python.Values;
using Kernmantle.SharedState;

namespace Kernmantle.Python.Sharing;

internal sealed class SemaphoreObject(SharedSemaphore target) : StateObject<SharedSemaphore>(target, "semaphore")
{
    protected override void Begin(Ask ask, SharedSemaphore mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Take:
                ReadArguments.None(ref arguments);
                Wait(ask, (timeout, token) => mine.WaitAsync(timeout, token), () => ask.Done(true, undo: () => mine.Release()));
                break;
            case Operation.Give:
                mine.Release(ReadArguments.One<int>(ref arguments));
                ask.Done();
                break;
            case Operation.Count:
                ask.Done(mine.CurrentCount);
                break;
            default:
                throw Unknown(ask);
        }
    }
}

internal sealed class EventObject(SharedEvent target) : StateObject<SharedEvent>(target, "event")
{
    protected override void Begin(Ask ask, SharedEvent mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Wait:
                Wait(ask, (timeout, token) => mine.WaitAsync(timeout, token), ref arguments);
                break;
            case Operation.Set:
                Do(ask, mine.Set, ref arguments);
                break;
            case Operation.Clear:
                Do(ask, mine.Reset, ref arguments);
                break;
            case Operation.IsSet:
                ask.Done(mine.IsSet);
                break;
            default:
                throw Unknown(ask);
        }
    }
}

/// <summary>A condition. Its lock, which the worker has, comes with the question; when that is answered, the worker has it again.</summary>
internal sealed class ConditionObject(SharedCondition target) : StateObject<SharedCondition>(target, "condition")
{
    protected override void Begin(Ask ask, SharedCondition mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Wait:
                SharedLock held = Open<SharedLock>(ReadArguments.One<SharedLock>(ref arguments).Memory.ActFor(ask.Link.WorkerId, ask.Actor));
                if (!held.IsHeldByCurrentThread)
                    throw new SynchronizationLockException("Who waits for a condition has its lock.");
                Wait(ask, (timeout, token) => mine.WaitAsync(held, timeout, token, ask.Link.Ended), () => ask.Done(true));
                break;
            case Operation.Notify:
                Do(ask, mine.Notify, ref arguments);
                break;
            case Operation.NotifyAll:
                Do(ask, mine.NotifyAll, ref arguments);
                break;
            default:
                throw Unknown(ask);
        }
    }

    private static T Open<T>(StateMemory memory)
        where T : SharedObject, ISharedObject<T> => T.Open(memory);
}

internal sealed class BarrierObject(SharedBarrier target) : StateObject<SharedBarrier>(target, "barrier")
{
    protected override void Begin(Ask ask, SharedBarrier mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Wait:
                Wait(ask, (timeout, token) => mine.SignalAndWaitAsync(timeout, token), ref arguments);
                break;
            case Operation.Leave:
                Do(ask, mine.Dispose, ref arguments);
                break;
            default:
                throw Unknown(ask);
        }
    }
}

internal sealed class CountdownObject(SharedCountdown target) : StateObject<SharedCountdown>(target, "countdown")
{
    protected override void Begin(Ask ask, SharedCountdown mine, ref PythonReader arguments)
    {
        switch (ask.Operation)
        {
            case Operation.Wait:
                Wait(ask, (timeout, token) => mine.WaitAsync(timeout, token), ref arguments);
                break;
            case Operation.Signal:
                ask.Done(mine.Signal(ReadArguments.One<int>(ref arguments)));
                break;
            case Operation.Count:
                ask.Done(mine.CurrentCount);
                break;
            case Operation.Leave:
                Do(ask, mine.Dispose, ref arguments);
                break;
            default:
                throw Unknown(ask);
        }
    }
}
