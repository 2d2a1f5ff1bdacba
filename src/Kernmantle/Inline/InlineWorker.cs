using Kernmantle.Calls;
using Kernmantle.Pool;
using Kernmantle.Threads;

namespace Kernmantle.Inline;

/// <summary>Runs a call on the thread that dispatches it. An asynchronous function goes on where its awaits take it.</summary>
internal sealed class InlineWorker : PoolWorker
{
    private readonly IWorkerOwner owner;
    private readonly LocalRunner runner;
    private bool initialized;
    private volatile bool killed;

    public InlineWorker(IWorkerOwner owner, string name, int id, bool verifyPortable, InlinePoolOptions options)
    {
        this.owner = owner;
        runner = new LocalRunner(this, owner, name, id, options) { Invoke = verifyPortable ? PortableInvocation.InvokeAsync : null };
    }

    public override bool CanKill => false;

    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispatch(Call call)
    {
        WorkerContext? callers = WorkerContext.Current;
        try
        {
            if (!initialized)
                runner.Initialize();
            initialized = true;
        }
        catch (Exception e)
        {
            owner.OnFinished(this, call, LocalFailure.Of(e, call, default));
            return;
        }
        finally
        {
            WorkerContext.Current = callers;
        }
        Task<Outcome>? run = runner.Start(call);
        WorkerContext.Current = callers;
        if (run is null)
            owner.OnFinished(this, call, Outcome.Cancelled);
        else if (run.IsCompleted)
            Finish(call, run.Result);
        else
            _ = FinishLaterAsync(call, run);
    }

    public override void CancelCall(Call call) => runner.Cancel(call);

    public override void Kill()
    {
        killed = true;
        runner.Cancel(null);
    }

    public override Task StopAsync(TimeSpan grace)
    {
        runner.ReleaseInstances();
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => default;

    private async Task FinishLaterAsync(Call call, Task<Outcome> run) => Finish(call, await run.ConfigureAwait(false));

    private void Finish(Call call, Outcome outcome)
    {
        owner.OnFinished(this, call, outcome);
        if (killed)
            runner.ReleaseInstances();
    }
}
