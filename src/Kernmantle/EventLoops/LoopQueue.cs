namespace Kernmantle.EventLoops;

/// <summary>The steps that wait for a loop's thread. Thread-safe; one thread takes.</summary>
internal sealed class LoopQueue
{
    private readonly Queue<LoopStep> steps = new();
    private readonly object gate = new();
    private bool closed;

    /// <summary>False: the loop has ended, and the step will not run.</summary>
    public bool TryAdd(LoopStep step)
    {
        lock (gate)
        {
            if (closed)
                return false;
            steps.Enqueue(step);
            if (steps.Count == 1)
                Monitor.Pulse(gate);
            return true;
        }
    }

    public bool TryTake(out LoopStep step)
    {
        lock (gate)
            return steps.TryDequeue(out step);
    }

    /// <summary>Waits until there is a step; false once it is closed.</summary>
    public bool Wait()
    {
        lock (gate)
        {
            while (steps.Count == 0 && !closed)
                Monitor.Wait(gate);
            return !closed;
        }
    }

    /// <summary>No more steps are run.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            steps.Clear();
            Monitor.PulseAll(gate);
        }
    }
}

/// <summary>From one await to the next.</summary>
internal readonly record struct LoopStep(LoopContext Context, SendOrPostCallback Callback, object? State);
