using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.InProcess.EventLoop;

/// <summary>Brings what follows an <c>await</c> of one call back to its loop. Thread-safe.</summary>
internal sealed class LoopContext(LoopWorker loop, Call? call) : SynchronizationContext, IStepContext
{
    /// <summary>Null for the worker's own work.</summary>
    public Call? Call => call;

    public override void Post(SendOrPostCallback d, object? state) => loop.Post(new(this, d, state));

    /// <summary>At once on the loop's own thread; else waits for it.</summary>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (loop.IsRunningHere)
        {
            d(state);
            return;
        }
        var done = new TaskCompletionSource();
        Post(
            _ =>
            {
                try
                {
                    d(state);
                    done.SetResult();
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            null);
        done.Task.GetAwaiter().GetResult();
    }

    public override SynchronizationContext CreateCopy() => this;
}

/// <summary>Something for a loop to run: what was posted, or, without a callback, the begin of the context's call.</summary>
internal readonly record struct LoopStep(LoopContext Context, SendOrPostCallback? Callback, object? State);
