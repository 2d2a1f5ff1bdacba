using Kernmantle.Calls;
using Kernmantle.Pool;
using Kernmantle.Threads;
using Microsoft.Extensions.Logging;

namespace Kernmantle.EventLoops;

/// <summary>
/// One thread that runs calls step by step: from the begin, or an await, to the next one. What a step does not finish comes back as another
/// step of the same thread. Where calls interleave, others run between a call's steps; under a lock, the thread holds it during each step
/// and not while it waits. It cannot be killed, as no thread can.
/// </summary>
internal sealed class LoopWorker : PoolWorker
{
    private readonly IWorkerOwner owner;
    private readonly LocalRunner runner;
    private readonly Thread thread;
    private readonly LoopQueue queue = new();
    private readonly ILogger log;
    private readonly SlowSteps? slow;
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GlobalLock? gil;
    private int underWay;

    /// <param name="owner">Takes the reports.</param>
    /// <param name="name">The worker's name.</param>
    /// <param name="id">Its number.</param>
    /// <param name="options">The pool's options.</param>
    /// <param name="gil">Held during each step; null for none.</param>
    public LoopWorker(IWorkerOwner owner, string name, int id, WorkerPoolOptions options, GlobalLock? gil = null)
    {
        this.owner = owner;
        this.gil = gil;
        runner = new LocalRunner(this, owner, name, id, options) { Gil = gil };
        log = options.Loggers.CreateLogger("Kernmantle.EventLoop");
        thread = new Thread(Run) { Name = name, IsBackground = true };
        if (options is EventLoopOptions { SlowCallbackDuration: { } duration } && duration != Timeout.InfiniteTimeSpan)
            slow = new SlowSteps(log, name, duration, options.TimeProvider);
    }

    /// <summary>Another call may begin while one waits.</summary>
    public bool Interleaves { get; init; }

    public bool IsCurrentThread => Thread.CurrentThread == thread;

    public override bool CanKill => false;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        thread.Start();
        return started.Task.WaitAsync(cancellationToken);
    }

    public override void Dispatch(Call call)
    {
        Interlocked.Increment(ref underWay);
        var context = new LoopContext(this, call);
        if (queue.TryAdd(new(context, static state => ((LoopContext)state!).Begin(), context)))
            return;
        Interlocked.Decrement(ref underWay);
        owner.OnFinished(this, call, Outcome.Cancelled);   // let go of before the call arrived: it has ended
    }

    public override void CancelCall(Call call) => runner.Cancel(call);

    public override void Kill()
    {
        queue.Close();
        runner.Cancel(null);
    }

    public override async Task StopAsync(TimeSpan grace)
    {
        queue.Close();
        await Task.WhenAny(ended.Task, Task.Delay(grace)).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        queue.Close();
        if (!thread.ThreadState.HasFlag(ThreadState.Unstarted) && Volatile.Read(ref underWay) == 0)
            await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Dropped once the worker was let go of: nobody waits for the call.</summary>
    public void Post(LoopStep step) => queue.TryAdd(step);

    /// <summary>The first step of a call.</summary>
    public void Begin(Call call)
    {
        Task<Outcome>? task = runner.Start(call);
        if (task is null)
        {
            Interlocked.Decrement(ref underWay);
            return;   // it has ended on its way here
        }
        if (task.IsCompleted)
        {
            Finish(call, task);
            return;
        }
        if (Interleaves)
            owner.OnInterleaved(this, call);
        _ = task.ContinueWith(t => Finish(call, t), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Finish(Call call, Task<Outcome> task)
    {
        Interlocked.Decrement(ref underWay);
        owner.OnFinished(this, call, task.IsCompletedSuccessfully ? task.Result : Outcome.Failed(task.Exception!.GetBaseException()));
    }

    private void Run()
    {
        try
        {
            Locked(runner.Initialize);
            started.TrySetResult();
            while (queue.Wait())
            {
                slow?.Busy();
                while (queue.TryTake(out LoopStep step))
                    RunStep(step);
                slow?.Idle();
            }
        }
        catch (Exception e) when (!started.Task.IsCompleted)
        {
            started.TrySetException(new RemoteException(RemoteFailure.Of(e), e) { WorkerName = thread.Name, CallName = nameof(WorkerPoolOptions.OnWorkerStart) });
        }
        finally
        {
            Locked(runner.ReleaseInstances);
            slow?.Dispose();
            ended.TrySetResult();
        }
    }

    private void RunStep(LoopStep step)
    {
        if (gil is null)
        {
            Execute(step);
            return;
        }
        using (gil.Acquire())
            Execute(step);
    }

    private void Execute(LoopStep step)
    {
        SynchronizationContext.SetSynchronizationContext(step.Context);
        slow?.Begin(step.Context.Call);
        try
        {
            step.Callback(step.State);
        }
        catch (Exception e)
        {
            // Of an async void method, or of a callback that user code posted itself: no call it could fail.
            log.LogError(e, "{Worker}: a callback of {Call} threw, and nobody can catch it.", thread.Name, step.Context.Call.Name);
        }
        finally
        {
            slow?.End();
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private void Locked(Action action)
    {
        if (gil is null)
        {
            action();
            return;
        }
        using (gil.Acquire())
            action();
    }
}
