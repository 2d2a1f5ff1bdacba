using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.InProcess.Threads;

/// <summary>
/// A dedicated thread that runs one call at a time. It cannot be killed: <see cref="Kill"/> cancels the call's token and lets
/// go of the thread, which ends when its function does.
/// </summary>
internal sealed class ThreadPoolWorker : PoolWorker
{
    private readonly IWorkerOwner owner;
    private readonly LocalRunner runner;
    private readonly Thread thread;
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim wake = new(0);
    private readonly Lock gate = new();
    private Call? next;
    private Call? current;
    private bool stopping;

    public ThreadPoolWorker(IWorkerOwner owner, string name, int id, ThreadWorkerPoolOptions options)
    {
        this.owner = owner;
        runner = new LocalRunner(this, owner, name, id, options);
        thread = new Thread(Run, options.StackSizeBytes) { Name = name, IsBackground = true };
    }

    public override bool CanKill => false;

    public override (int Worker, int Thread)? RunsOn => (0, thread.ManagedThreadId);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // it takes its time: not on the thread of a caller
        thread.UnsafeStart();   // what flows with the caller who happened to be the first is not every call's
        await started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Dispatch(Call call)
    {
        lock (gate)
        {
            if (!stopping)
            {
                current = next = call;
                wake.Release();
                return;
            }
        }
        owner.OnFinished(this, call, Outcome.Cancelled);   // the worker was killed before the call arrived, and the call has ended with it
    }

    public override void CancelCall(Call call) => runner.Cancel(call);

    public override void Kill()
    {
        Stop();
        runner.Cancel(null);
    }

    public override async Task StopAsync(TimeSpan grace)
    {
        Stop();
        await Task.WhenAny(ended.Task, Task.Delay(grace)).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        Stop();
        bool wait;
        lock (gate)
            wait = !thread.ThreadState.HasFlag(ThreadState.Unstarted) && current is null;
        if (wait)
            await StopAsync(Supervisor.StopGrace).ConfigureAwait(false);   // no longer: what the pool runs at its start, and objects that are disposed of, may take for ever
    }

    private void Stop()
    {
        lock (gate)
        {
            if (stopping)
                return;
            stopping = true;
        }
        wake.Release();
    }

    private void Run()
    {
        try
        {
            runner.Initialize();
            started.TrySetResult();
            while (Take() is { } call)
                RunOne(call);
        }
        catch (Exception e) when (!started.Task.IsCompleted)
        {
            started.TrySetException(RemoteFailure.Of(e).ToException(thread.Name, nameof(WorkerPoolOptions.OnWorkerStart), e));
        }
        finally
        {
            runner.ReleaseInstances();
            ended.TrySetResult();
        }
    }

    private Call? Take()
    {
        wake.Wait();
        lock (gate)
            return Interlocked.Exchange(ref next, null);
    }

    private void RunOne(Call call)
    {
        Outcome outcome = runner.Run(call) ?? Outcome.Cancelled;
        lock (gate)
            current = null;
        owner.OnFinished(this, call, outcome);
    }
}
