using Kernmantle.InProcess.Threads;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.InProcess.Inline;

/// <summary>Runs a call on the thread that dispatches it. An asynchronous function goes on where its awaits take it.</summary>
internal sealed class InlineWorker : PoolWorker
{
    private readonly IWorkerOwner owner;
    private readonly LocalRunner runner;
    private readonly FailureInjection? injection;
    private bool initialized;
    private volatile bool killed;

    public InlineWorker(IWorkerOwner owner, string name, int id, bool verifyPortable, InlinePoolOptions options, FailureInjection? injection)
    {
        this.owner = owner;
        this.injection = injection;
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
        if (injection?.FailureOf(call) is { } injected)
        {
            Fail(call, injected);
            return;
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

    /// <summary>The call begins, and ends so; and so does this worker, where a process would.</summary>
    private void Fail(Call call, WorkerException failure)
    {
        if (!owner.OnBegun(this, call, debuggerAttached: false))
            owner.OnFinished(this, call, Outcome.Cancelled);
        else if (FailureInjection.EndsWorker(failure))
            owner.OnLost(this, _ => failure);
        else
            owner.OnFinished(this, call, Outcome.Failed(failure));
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
