namespace Kernmantle.InProcess.EventLoop;

/// <summary>
/// What a loop is to run, in order. Once the loop's thread has ended, what still comes (continuations of functions that their
/// pool has let go of) runs on the thread pool, still one after the other: a continuation that never runs would keep the
/// function's <c>finally</c> blocks from running. Thread-safe.
/// </summary>
internal sealed class LoopQueue(Action<LoopStep> run)
{
    private readonly object gate = new();
    private readonly Queue<LoopStep> steps = new();
    private bool closed;
    private bool draining;
    private bool awake;

    public void Add(in LoopStep step)
    {
        lock (gate)
        {
            steps.Enqueue(step);
            Monitor.Pulse(gate);
            DrainIfClosed();
        }
    }

    /// <summary>The next step, waiting for it; false if there is none and <see cref="Wake"/> was called.</summary>
    public bool TryTake(out LoopStep step)
    {
        lock (gate)
        {
            while (steps.Count == 0 && !awake)
                Monitor.Wait(gate);
            awake = false;
            return steps.TryDequeue(out step);
        }
    }

    /// <summary>The next step, if there is one.</summary>
    public bool TryTakeAtOnce(out LoopStep step)
    {
        lock (gate)
            return steps.TryDequeue(out step);
    }

    /// <summary>Lets the thread look whether it is to end.</summary>
    public void Wake()
    {
        lock (gate)
        {
            awake = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>The thread takes nothing more.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            DrainIfClosed();
        }
    }

    private void DrainIfClosed()
    {
        if (!closed || draining || steps.Count == 0)
            return;
        draining = true;
        ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        while (true)
        {
            LoopStep step;
            lock (gate)
            {
                if (!steps.TryDequeue(out step))
                {
                    draining = false;
                    return;
                }
            }
            run(step);
        }
    }
}
