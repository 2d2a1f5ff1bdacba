using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>The life of the workers: start, death, replacement, back-off.</summary>
internal sealed class Supervisor(Scheduler scheduler)
{
    /// <summary>How long an idle worker may take to dispose of its objects and exit.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100), LongestBackoff = TimeSpan.FromSeconds(5);

    private readonly HashSet<Task> endings = [];
    private readonly CancellationTokenSource lifetime = new();

    /// <summary>Completes when all workers that there always are, are ready; another one once the pool has broken.</summary>
    private TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool starting;

    private SlotTable Slots => scheduler.Slots;

    private TimeProvider Clock => scheduler.Clock;

    /// <summary>The workers are started, or were. May be looked at without the lock.</summary>
    public bool IsStarting => Volatile.Read(ref starting);

    /// <summary>All workers have been ready once.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Workers that took the place of one that was lost.</summary>
    public long Replaced { get; private set; }

    /// <summary>Workers that took the place of one that was well.</summary>
    public long Recycled { get; private set; }

    // --- Start ---

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Task ready;
        using (new Transition(scheduler))
        {
            if (scheduler.Shutdown.HasBegun)
                throw scheduler.Shutdown.Refusal();
            if (scheduler.Breaker.IsOpen)
                throw scheduler.Breaker.Failure();
            EnsureStarted();
            ready = started.Task;
        }
        await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the workers if they have not been started; does not wait.</summary>
    public void BeginStart()
    {
        if (IsStarting)
            return;
        using var transition = new Transition(scheduler);
        if (!scheduler.Shutdown.HasBegun)
            EnsureStarted();
    }

    public void EnsureStarted()
    {
        if (starting)
            return;
        starting = true;
        foreach (Slot slot in Slots)
        {
            if (scheduler.Kind.CallerIsWorker)
                Prepare(slot);
            else if (!slot.IsParked)
                Start(slot, TimeSpan.Zero);
        }
        SignalIfAllReady();
        scheduler.Recycler.WatchAge();
    }

    public void SignalIfAllReady()
    {
        if (Slots.Any(static s => s.IsMissing) || !started.TrySetResult())
            return;
        if (!HasStarted)
            scheduler.Spares.Start();
        HasStarted = true;
    }

    /// <summary>Whoever waits for the start learns that there will be none, as things are.</summary>
    public void RefuseStart(Exception why)
    {
        started.TrySetException(why);
        _ = started.Task.Exception;   // observed here, since it is thrown to whoever starts the pool or calls
    }

    /// <summary>After that: there may be another start.</summary>
    public void PrepareStart() => started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gives the slot a worker that needs no start.</summary>
    public void Prepare(Slot slot)
    {
        slot.Worker = scheduler.Kind.Create(scheduler, slot.Name, WorkerIds.Next());
        slot.Ready = true;
    }

    public void Start(Slot slot, TimeSpan delay)
    {
        slot.Worker = scheduler.Kind.Create(scheduler, slot.Name, WorkerIds.Next());
        slot.Ready = false;
        var start = new WorkerStart(slot, delay, new(TaskCreationOptions.RunContinuationsAsynchronously));
        Track(start.Done.Task);
        scheduler.Then(new(EffectKind.Start, slot.Worker, Detail: start));
    }

    /// <summary>Outside of the lock.</summary>
    public async Task StartNowAsync(PoolWorker worker, WorkerStart start)
    {
        try
        {
            await StartAsync(start.Slot, worker, start.Delay).ConfigureAwait(false);
            start.Done.SetResult();
        }
        catch (Exception e)
        {
            start.Done.SetException(e);
        }
    }

    private async Task StartAsync(Slot slot, PoolWorker worker, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, Clock, lifetime.Token).ConfigureAwait(false);
            if (scheduler.Breaker.GivesUp(slot, worker))
                return;
            long began = Clock.GetTimestamp();
            await worker.StartAsync(lifetime.Token).ConfigureAwait(false);
            OnReady(slot, worker, began);
        }
        catch (Exception e)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            if (lifetime.IsCancellationRequested)
                return;
            OnStartFailed(slot, worker, e);
        }
    }

    private void OnReady(Slot slot, PoolWorker worker, long began)
    {
        long now = Clock.GetTimestamp();
        using var transition = new Transition(scheduler);
        if (worker.Death is { } death)
            throw death(null);   // between its readiness and here
        if (slot.Worker != worker)
            return;
        slot.Ready = true;
        slot.IsGrowing = false;
        slot.StartFailures = 0;
        slot.Readiness = (now, Clock.GetElapsedTime(began, now));
        scheduler.Elasticity.OnStarted(slot.Readiness.Took);
        slot.Wear = new(now, 0, 0);
        scheduler.Records.Ready(slot, spare: false);
        if (scheduler.Breaker.IsTrying)
            scheduler.Breaker.Heal();
        else if (!slot.IsSpare)
            scheduler.Dispatcher.Next(slot);
        SignalIfAllReady();
    }

    private void OnStartFailed(Slot slot, PoolWorker worker, Exception cause)
    {
        using var transition = new Transition(scheduler);
        if (slot.Worker != worker || scheduler.Shutdown.IsOver)
            return;
        slot.Worker = null;
        slot.IsGrowing = false;
        scheduler.Records.NoStart(slot, worker.ProcessId, cause);
        if (scheduler.Breaker.OnStartFailed(cause))
            return;
        double factor = Math.Pow(2, Math.Min(slot.StartFailures++, 16));
        Start(slot, TimeSpan.FromTicks((long)Math.Min(FirstBackoff.Ticks * factor, LongestBackoff.Ticks)));
    }

    // --- Death ---

    public void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure)
    {
        using var transition = new Transition(scheduler);
        Slot? slot = Slots.Find(s => s.Worker == worker) ?? scheduler.Spares.Find(s => s.Worker == worker);
        if (slot is null || !slot.Ready)
            return;   // abandoned before, or reported by its start
        if (slot.Current is null && slot.Quick.Any(worker.HasBegun))
            scheduler.Ahead.PutBackBehind(slot, worker);   // before what is left of what it had begun, which is before it then
        Call? call = slot.Current ?? scheduler.Ahead.TakeBegun(slot, worker);
        slot.Current = null;
        slot.Ready = false;
        WorkerException cause = failure(call is { State: CallState.Begun } ? call : null);
        cause.WorkerName ??= slot.Name;
        Call? ran = call is { State: CallState.Begun } ? call : slot.Interleaved.FirstOrDefault();
        scheduler.Records.Death(slot, worker, ran, ran is null || ran == call ? cause : failure(ran));
        bool breaks = false;
        if (call is { State: CallState.Begun })
        {
            scheduler.Ledger.End(call, Outcome.Failed(cause));
        }
        else if (call is not null && slot.Interleaved.Count > 0)
        {
            scheduler.Dispatcher.Move(call, cause);
        }
        else if (slot.Interleaved.Count == 0)
        {
            if ((call ?? slot.Quick.First) is { } next && Poison.Before(next, cause) is { } poison)
            {
                if (slot.HasQuick(next))
                    slot.Quick.Remove(next);
                scheduler.Ledger.End(next, Outcome.Failed(poison));
            }
            else if (call is not null)
            {
                scheduler.Dispatcher.Move(call, cause);
            }
            breaks = scheduler.Breaker.CountsDeath(slot, cause);
        }
        foreach (Call interleaved in slot.Interleaved.ToArray())
        {
            slot.Drop(interleaved);
            scheduler.Ledger.End(interleaved, Outcome.Failed(failure(interleaved)));
        }
        scheduler.Ahead.PutBackBehind(slot, worker);
        while (scheduler.Ahead.TakeBegun(slot, worker) is { } begun)
            scheduler.Ledger.End(begun, Outcome.Failed(failure(begun)));
        scheduler.Ahead.TakeBack(slot, [.. slot.Quick.Cast<QuickCall>()]);
        if (breaks)
            scheduler.Breaker.Open(cause);   // after what the worker had is back in the queue
        Replace(slot, cause);
    }

    // --- Replacement ---

    /// <summary>Lets go of the slot's worker, and puts a spare or a new one in its place. One that is <paramref name="well"/> ends in order.</summary>
    public void Replace(Slot slot, Exception? cause, bool well = false)
    {
        LetGo(slot, cause, well);
        if (scheduler.Shutdown.IsOver || scheduler.Breaker.IsOpen)
            return;
        slot.VacantSince = Clock.GetTimestamp();
        if (well)
            Recycled++;
        else
            Replaced++;
        scheduler.Telemetry.Series.Restarts.Count(well ? "recycled" : "replaced");
        if (scheduler.Kind.CallerIsWorker)
        {
            Prepare(slot);
            scheduler.Records.Ready(slot, spare: false);
        }
        else if (!scheduler.Spares.TryTake(slot, urgent: well))
            Start(slot, TimeSpan.Zero);
        scheduler.Dispatcher.EndLost(slot);
        if (slot.Ready)
            scheduler.Dispatcher.Next(slot);
    }

    /// <summary>The slot has no worker any more.</summary>
    public void LetGo(Slot slot, Exception? cause, bool well)
    {
        PoolWorker old = slot.Worker!;
        slot.Worker = null;
        if (!well)
            old.TakeNoMore();   // what it had is others', or has ended: whoever hands it over still shall not find memory for it afterwards
        (slot.Ready, slot.IsToBeRecycled) = (false, false);
        slot.Instances = 0;
        slot.Lose(cause);
        Track(EndAsync(old, well));
    }

    private static async Task EndAsync(PoolWorker worker, bool well)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // the caller holds the lock
        if (well)
            await worker.StopAsync(StopGrace).ConfigureAwait(false);
        worker.Kill();
        await worker.DisposeAsync().ConfigureAwait(false);
    }

    private void Track(Task ending)
    {
        endings.Add(ending);
        _ = ending.ContinueWith(
            t =>
            {
                lock (scheduler.Gate)
                    endings.Remove(t);
                if (t.Exception is { } e)
                    PoolEvents.DisorderlyEnd(scheduler.Log, e, scheduler.Options.Name);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    /// <summary>Workers that run now get the function made ready; those that start later get it with their start.</summary>
    public async Task WarmAsync(Function function)
    {
        PoolWorker[] workers;
        lock (scheduler.Gate)
        {
            if (scheduler.Shutdown.HasBegun)
                throw scheduler.Shutdown.Refusal();
            workers = [.. Slots.Concat(scheduler.Spares).Select(static s => s.Worker).OfType<PoolWorker>()];
        }
        foreach (Task warmed in workers.Select(w => w.WarmAsync(function)).ToArray())
            await warmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // cancelled: the worker ended, and the one in its place starts warm
    }

    /// <summary>Spares that are there get the function made ready; does not wait.</summary>
    public void WarmSpares(Function function)
    {
        lock (scheduler.Gate)
        {
            if (scheduler.Shutdown.HasBegun)
                return;
            foreach (PoolWorker worker in scheduler.Spares.Select(static s => s.Worker).OfType<PoolWorker>())
                Track(WarmSpareAsync(worker, function));
        }
    }

    private static async Task WarmSpareAsync(PoolWorker worker, Function function)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // the caller holds the lock
        await worker.WarmAsync(function).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // cancelled: it ended
    }

    // --- The end ---

    /// <summary>The pool is over, its calls have ended: stops the workers that run nothing in their order, ends all others, and waits until none is left.</summary>
    public async Task EndAllAsync(IReadOnlyList<PoolWorker> inOrder)
    {
        await Task.WhenAll(inOrder.Select(static w => w.StopAsync(StopGrace))).ConfigureAwait(false);
        await lifetime.CancelAsync().ConfigureAwait(false);
        List<PoolWorker> rest;
        Task[] pending;
        lock (scheduler.Gate)
        {
            rest = [.. Slots.Concat(scheduler.Spares).Where(static s => s.Worker is not null).Select(static s => s.Worker!)];
            pending = [.. endings];
        }
        await Task.WhenAll(rest.Select(static w => w.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(pending).ConfigureAwait(false);
    }
}

/// <summary>A start that is under way.</summary>
/// <param name="Slot">Whose worker starts.</param>
/// <param name="Delay">How long to wait before.</param>
/// <param name="Done">Completes when the start has come to an end, of whatever kind.</param>
internal sealed record WorkerStart(Slot Slot, TimeSpan Delay, TaskCompletionSource Done);
