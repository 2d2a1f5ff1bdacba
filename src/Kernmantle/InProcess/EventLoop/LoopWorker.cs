using Kernmantle.Functions;
using Kernmantle.InProcess.Threads;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Microsoft.Extensions.Logging;

namespace Kernmantle.InProcess.EventLoop;

/// <summary>
/// One thread that runs calls step by step: from the begin, or an await, to the next one. What a step does not finish comes back as another
/// step of the same thread. Where calls interleave, others run between a call's steps; under a lock, the thread holds it during each step
/// and not while it waits. It cannot be killed, as no thread can: let go of, it ends with its present step, and what its calls
/// still do (their <c>finally</c> blocks, when their tokens are cancelled) runs on the thread pool, still one step at a time.
/// </summary>
internal sealed class LoopWorker : PoolWorker
{
    private readonly IWorkerOwner owner;
    private readonly LocalRunner runner;
    private readonly GlobalLock? gil;
    private readonly ILogger logger;
    private readonly SlowSteps? slow;
    private readonly LoopQueue queue;
    private readonly Thread thread;
    private readonly LoopContext own;
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();

    /// <summary>Handed over and not begun: it can be taken back.</summary>
    private Call? pending;

    /// <summary>Calls that have begun and not ended, those that were let go of included.</summary>
    private int active;

    private bool stopping;
    private volatile Call? running;
    private volatile int runningOn;

    /// <param name="owner">Takes the reports.</param>
    /// <param name="name">The worker's name.</param>
    /// <param name="id">Its number.</param>
    /// <param name="options">The pool's options.</param>
    /// <param name="gil">Held during each step; null for none.</param>
    /// <param name="stackSizeBytes">Of the thread; 0 for the system's default.</param>
    public LoopWorker(IWorkerOwner owner, string name, int id, WorkerPoolOptions options, GlobalLock? gil = null, int stackSizeBytes = 0)
    {
        this.owner = owner;
        this.gil = gil;
        logger = owner.Log;   // a pool's: the loop does not wait for what takes the records
        runner = new LocalRunner(this, owner, name, id, options) { Gil = gil };
        if (options is EventLoopOptions { SlowCallbackDuration: { } duration } && duration != Timeout.InfiniteTimeSpan)
            slow = new SlowSteps(logger, name, duration, options.TimeProvider);
        queue = new LoopQueue(Run);
        own = new LoopContext(this, null);
        thread = new Thread(Loop, stackSizeBytes) { Name = name, IsBackground = true };
    }

    /// <summary>Another call may begin while one waits.</summary>
    public bool Interleaves { get; init; }

    public override bool CanKill => false;

    /// <summary>The calling thread runs a step of this loop just now.</summary>
    public bool IsRunningHere => runningOn == Environment.CurrentManagedThreadId;

    public void Post(in LoopStep step) => queue.Add(step);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // it takes its time: not on the thread of a caller
        thread.UnsafeStart();   // as that of ThreadPoolWorker
        await started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Dispatch(Call call)
    {
        lock (gate)
        {
            if (!stopping)
            {
                pending = call;
                queue.Add(new(new LoopContext(this, call), null, null));
                return;
            }
        }
        owner.OnFinished(this, call, Outcome.Cancelled);   // the worker was killed before the call arrived, and the call has ended with it
    }

    /// <summary>One that has not begun, since the loop is busy or the lock is held, goes at once.</summary>
    public override void CancelCall(Call call)
    {
        if (TryTakePending(call))
            owner.OnFinished(this, call, Outcome.Cancelled);
        else
            runner.Cancel(call);
    }

    /// <summary>A call that only waits holds up nobody, and can be left to itself.</summary>
    public override bool CanLetGo(Call call) => Interleaves && running != call;

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
            wait = !thread.ThreadState.HasFlag(ThreadState.Unstarted) && active == 0;
        if (wait)
            await StopAsync(Supervisor.StopGrace).ConfigureAwait(false);   // no longer: what the pool runs at its start, objects that are disposed of, and a lock that others hold may take for ever
    }

    private void Stop()
    {
        lock (gate)
            stopping = true;
        queue.Wake();
    }

    private void Loop()
    {
        try
        {
            RunToEnd(runner.InitializeAsync);
            started.TrySetResult();
            RunUntil(() =>
            {
                lock (gate)
                    return stopping && pending is null;
            });
        }
        catch (Exception e) when (!started.Task.IsCompleted)
        {
            started.TrySetException(RemoteFailure.Of(e).ToException(thread.Name, nameof(WorkerPoolOptions.OnWorkerStart), e));
        }
        finally
        {
            ReleaseInstances();
            queue.Close();
            slow?.Dispose();
            ended.TrySetResult();
        }
    }

    private void ReleaseInstances()
    {
        try
        {
            RunToEnd(runner.ReleaseInstancesAsync);
        }
        catch (SynchronizationLockException e)
        {
            CallEvents.ObjectsNotDisposed(logger, e, thread.Name);
        }
    }

    /// <summary>Runs an asynchronous function of the worker's own.</summary>
    private void RunToEnd(Func<Task> function)
    {
        Task task = Task.CompletedTask;
        Locked(own, () => task = function());
        if (!task.IsCompleted)
        {
            _ = task.ContinueWith(_ => queue.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            RunUntil(() => task.IsCompleted);
        }
        task.GetAwaiter().GetResult();
    }

    private void RunUntil(Func<bool> done)
    {
        while (!done())
        {
            if (!queue.TryTake(out LoopStep step))
                continue;
            slow?.Busy();
            do
                Run(step);
            while (!done() && queue.TryTakeAtOnce(out step));
            slow?.Idle();
        }
    }

    private void Run(LoopStep step)
    {
        try
        {
            if (step.Callback is { } callback)
                Locked(step.Context, () => callback(step.State));
            else
                Begin(step.Context.Call!, step.Context);
        }
        catch (Exception e)
        {
            // A function's own failure is in its task: this is one of an async void, or of a callback posted by hand.
            CallEvents.CallbackThrew(logger, e, NameOf(step.Context));
        }
    }

    private void Begin(Call call, LoopContext context)
    {
        Task<Outcome>? task = null;
        bool begun = false;
        SynchronizationLockException? leftOpen = null;
        try
        {
            Locked(context, () =>
            {
                begun = TryTakePending(call);
                if (!begun)
                    return;
                lock (gate)
                    active++;
                task = runner.Start(call);
            });
        }
        catch (SynchronizationLockException e) when (TryTakePending(call))
        {
            owner.OnFinished(this, call, LocalFailure.Of(e, call, default));
            return;
        }
        catch (SynchronizationLockException e) when (begun)
        {
            leftOpen = e;
        }
        if (!begun)
            return;   // the call has been taken back
        if (task is null)
            Finish(call, Outcome.Cancelled, leftOpen);
        else if (task.IsCompleted)
            Finish(call, task.GetAwaiter().GetResult(), leftOpen);
        else
            FinishLater(call, task, leftOpen);
    }

    private void FinishLater(Call call, Task<Outcome> task, SynchronizationLockException? leftOpen)
    {
        if (Interleaves)
            owner.OnInterleaved(this, call);
        _ = FinishAsync(call, task, leftOpen);
    }

    private async Task FinishAsync(Call call, Task<Outcome> task, SynchronizationLockException? leftOpen) => Finish(call, await task.ConfigureAwait(false), leftOpen);

    /// <param name="call">It has begun.</param>
    /// <param name="outcome">Of its function.</param>
    /// <param name="leftOpen">What its function has done with the lock beside: then the call has failed.</param>
    private void Finish(Call call, Outcome outcome, SynchronizationLockException? leftOpen)
    {
        lock (gate)
            active--;
        owner.OnFinished(this, call, leftOpen is null ? outcome : LocalFailure.Of(leftOpen, call, default));
    }

    private bool TryTakePending(Call call)
    {
        lock (gate)
        {
            if (pending != call)
                return false;
            pending = null;
            return true;
        }
    }

    /// <summary>Runs one step, in its context and with the lock.</summary>
    private void Locked(LoopContext context, Action step)
    {
        if (gil is null)
        {
            Execute(context, step);
        }
        else
        {
            GlobalLock.Scope held = gil.Acquire();
            try
            {
                Execute(context, step);
            }
            finally
            {
                gil.EndWholly(held);   // the step is the user's: others must not wait for what it forgot
            }
        }
    }

    private void Execute(LoopContext context, Action step)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        (running, runningOn) = (context.Call, Environment.CurrentManagedThreadId);
        if (context.Call is { } call)
            slow?.Begin(call);
        try
        {
            step();
        }
        finally
        {
            if (context.Call is not null)
                slow?.End();
            (running, runningOn) = (null, 0);
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private static string NameOf(LoopContext context) => context.Call?.Name ?? nameof(WorkerPoolOptions.OnWorkerStart);
}
