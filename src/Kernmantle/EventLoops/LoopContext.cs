using Kernmantle.Calls;

namespace Kernmantle.EventLoops;

/// <summary>What brings the awaits of one call back to its loop's thread.</summary>
internal sealed class LoopContext(LoopWorker worker, Call call) : SynchronizationContext
{
    public Call Call => call;

    /// <summary>Whether awaits on this thread should come back to it: our own ones, between two parts of a user's code.</summary>
    public static bool IsCurrent => Current is LoopContext;

    public void Begin() => worker.Begin(call);

    public override void Post(SendOrPostCallback d, object? state) => worker.Post(new(this, d, state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (worker.IsCurrentThread)
        {
            d(state);
            return;
        }
        using var done = new ManualResetEventSlim();
        Exception? failure = null;
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                catch (Exception e)
                {
                    failure = e;
                }
                done.Set();
            },
            null);
        done.Wait();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    public override SynchronizationContext CreateCopy() => this;
}
