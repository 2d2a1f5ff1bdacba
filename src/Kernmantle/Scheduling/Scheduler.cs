using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Scheduling.Watching;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Scheduling;

/// <summary>
/// The one scheduler behind every kind of pool: its door, and its parts. What differs between kinds is the <see cref="WorkerKind"/> and the <see cref="PoolWorker"/> that it makes. Each
/// part is one idea and keeps its own state; all of it is guarded by <see cref="Gate"/>. Every change is a <see cref="Transition"/>: under the lock nothing runs that is the user's or may
/// block; what is to be done outside of it is left as an <see cref="Effect"/>.
/// </summary>
/// <remarks>
/// Invariants, under the lock, which <see cref="Invariants"/> looks at: a slot has either one <see cref="Slot.Current"/>, whose state is Assigned or Begun, or any number of <see cref="Slot.Quick"/> ones, and beside
/// them begun ones that are <see cref="Slot.Interleaved"/>; a call in a queue is Queued; an Ended call is in no slot and no queue; <see cref="Ledger.Live"/> counts the calls that have not ended.
/// </remarks>
internal sealed class Scheduler : IWorkerOwner
{
    /// <param name="kind">What its workers are.</param>
    /// <param name="workers">How many there are at most.</param>
    /// <param name="options">Of the pool; they have been checked.</param>
    /// <exception cref="ArgumentOutOfRangeException">More workers are to be kept than there may be.</exception>
    public Scheduler(WorkerKind kind, int workers, WorkerPoolOptions options)
    {
        (Kind, WorkerCount, Options, Clock) = (kind, workers, options, options.TimeProvider);
        Log = new DetachedLogger(options.Loggers, LogCategories.OfPool(options.Name));
        Telemetry = new(this);
        int count = kind.Slots(workers), least = Elasticity.LeastOf(options.MinWorkers, count, nameof(options.MinWorkers));
        Figures = new(Clock);
        Records = new(Log, Clock, this);
        Effects = new(this);
        Ledger = new(this);
        Slots = new(this, count, least);
        Dispatcher = new(this);
        Room = new(this);
        Ahead = new(this);
        Large = new(this);
        stuck = new(this);
        Retries = new(this);
        Timeouts = new(this);
        Deadlines = new(this);
        Cancellation = new(this);
        Killing = new(this);
        Supervisor = new(this);
        Spares = new(this);
        Breaker = new(this);
        Elasticity = new(this, least);
        Joiner = new(this);
        Recycler = new(this);
        Shutdown = new(this);
        Interventions = new(this);
        Submission = new(this);
        Admitted = new(this);
        Admission = new(this, Submission);
        UnobservedFailures.Watch();
        kind.Attach(this);
        Telemetry.Open();
        Number = Watch.Add(this);
    }

    /// <summary>Unique among the pools of this process; their names need not be.</summary>
    public int Number { get; }

    public WorkerKind Kind { get; }

    public WorkerPoolOptions Options { get; }

    public TimeProvider Clock { get; }

    /// <summary>Records may be written under the lock: no code of the user's runs there.</summary>
    public DetachedLogger Log { get; }

    ILogger IWorkerOwner.Log => Log;

    /// <summary>How many calls run at once, at most.</summary>
    public int WorkerCount { get; }

    public Lock Gate { get; } = new();

    /// <summary>Runs what may run the user's code, or must not be run on this stack: on the thread pool, but in tests.</summary>
    public Action<Action> Later { get; init; } = static work => ThreadPool.UnsafeQueueUserWorkItem(static later => later(), work, preferLocal: false);

    // --- The parts ---

    /// <summary>What a transition leaves to be done.</summary>
    public Effects Effects { get; }

    public Submission Submission { get; }

    public Admission Admission { get; }

    public Admitted Admitted { get; }

    public Room Room { get; }

    public Dispatcher Dispatcher { get; }

    public Joiner Joiner { get; }

    public Ahead Ahead { get; }

    public LargePayloads Large { get; }

    public SlotTable Slots { get; }

    public Ledger Ledger { get; }

    public Retries Retries { get; }

    public Timeouts Timeouts { get; }

    public Deadlines Deadlines { get; }

    public Cancellation Cancellation { get; }

    public Killing Killing { get; }

    public Supervisor Supervisor { get; }

    public Spares Spares { get; }

    public Breaker Breaker { get; }

    public Elasticity Elasticity { get; }

    public Recycler Recycler { get; }

    public Shutdown Shutdown { get; }

    public LifeRecords Records { get; }

    public PoolTelemetry Telemetry { get; }

    public Interventions Interventions { get; }

    public CallFigures Figures { get; }

    private readonly StuckSlots stuck;

    /// <summary>New calls are taken.</summary>
    public bool TakesCalls => !Shutdown.HasBegun && !Breaker.IsOpen;

    /// <summary>Under the lock: to be done outside of it, after what was left before.</summary>
    public void Then(in Effect effect) => Effects.Add(effect);

    // --- Calls come ---

    public void Submit(Call call)
    {
        Prepare(call);
        using (new Transition(this))
        {
            Ledger.CountIn();
            Dispatcher.Accept(call, isAdmitted: false);
        }
        WatchToken(call);
    }

    /// <summary>Before it is submitted: what it may use, and who measures it.</summary>
    public void Prepare(Call call)
    {
        call.Limits = LimitsOf(call.Options);
        if (Telemetry.IsOn)
            Telemetry.Begin(call);
    }

    /// <summary>One that nobody watches yet, and that is never another call.</summary>
    public void WatchToken(Call call)
    {
        if (call.Token.CanBeCanceled && call.State != CallState.Ended && call.Registration == default)
            Cancellation.Watch(call);
    }

    /// <summary>Submits a quick call. Returns the worker it was given to as its only call; null if it has to wait, or waits behind another one.</summary>
    public PoolWorker? SubmitQuick(QuickCall call, bool attend)
    {
        PoolWorker? worker = null;
        bool alone = false;
        long ticket = 0;
        List<Effect>? effects;
        Prepare(call);
        lock (Gate)
        {
            Ledger.CountIn();
            if (TakesCalls && Supervisor.IsStarting && !Admission.AnyWaits && call.State != CallState.Ended && Dispatcher.IsFirstInLine(call))
            {
                Slot? slot = Slots.IdleFor(call);
                alone = slot is { Worker.TakesQuickCalls: true };
                if ((slot ?? Ahead.SlotFor(call)) is { Worker.TakesQuickCalls: true } place)
                {
                    worker = place.Worker;
                    call.IsAttended = alone && attend;
                    ticket = Ahead.Place(place, call);
                }
                else if (slot is null)
                    Dispatcher.Accept(call, isAdmitted: false);
                else
                    Dispatcher.Assign(slot, call);
            }
            else
            {
                Dispatcher.Accept(call, isAdmitted: false);
            }
            LargePayloads.Expect(call, null);
            AssertInvariants();
            effects = Effects.Take();
        }
        if (effects is not null)
            Effects.Carry(effects);
        worker?.Offer(call, ticket);
        return alone ? worker : null;
    }

    /// <summary>How long the function of a call with those options may take; infinite for as long as it likes.</summary>
    public TimeSpan BoundOf(CallOptions options) => options.Timeout ?? options.Limits?.WallTime ?? Options.Timeout ?? Kind.DefaultLimits?.WallTime ?? Timeout.InfiniteTimeSpan;

    /// <summary>What the worker of such a call may use; null for as much as it likes.</summary>
    public Limits? LimitsOf(CallOptions options) => Limits.Merge(options.Limits, Kind.DefaultLimits) is { HoldTheWorker: true } limits ? limits : null;

    // --- Workers report ---

    public bool OnBegun(PoolWorker worker, Call call, bool debuggerAttached)
    {
        using var transition = new Transition(this);
        if (call.Slot?.Worker != worker || call.Slot.Current != call)
            return false;
        Ledger.Begin(call);
        if (call.CancelRequested)
            Then(new(EffectKind.CancelCall, worker, call));   // its token went before it reached the worker; the one timer that it has is that of the grace
        else if (!debuggerAttached)
            Timeouts.Begin(call, worker);
        return true;
    }

    public void OnInterleaved(PoolWorker worker, Call call)
    {
        using var transition = new Transition(this);
        if (call.Slot is not { } slot || slot.Worker != worker || slot.Current != call)
            return;
        Ledger.Begin(call);
        call.Interleaves = true;
        if (call.Limits is not null)
            return;   // it has its worker for itself
        slot.Interleave(call);
        Dispatcher.NextIfAny(slot);
    }

    public void OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit)
    {
        Recycler.LookAtMemory(worker);
        using var transition = new Transition(this);
        if (call.Supervision is { IsLookedAt: true } && call.Slot?.Worker == worker)
            return;   // it has ended already
        if (call.Slot is not { } slot || slot.Worker != worker || !slot.Drop(call))
        {
            Ledger.Abandoned.Remove(call);
            return;
        }
        Ledger.End(call, outcome);
        Recycler.CountUse(slot, 1);
        if (workerUnfit)
        {
            Records.Unfit(slot, worker, call, outcome);
            Killing.EndInterleaved(slot, call);
            Supervisor.Replace(slot, outcome.Failure);
        }
        else
            Dispatcher.NextIfAny(slot);
    }

    public void OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit = false)
    {
        Recycler.LookAtMemory(worker);
        bool succeeded;
        List<Effect>? effects;
        lock (Gate)
        {
            succeeded = Ahead.Finish(worker, call, failure, workerUnfit);
            AssertInvariants();
            effects = Effects.Take();
        }
        if (succeeded)
            call.Finish();   // before anything else: somebody waits
        Effects.Carry(effects);
    }

    public void OnQuickSucceeded(PoolWorker worker, List<QuickCall> calls)
    {
        Recycler.LookAtMemory(worker);
        List<Effect>? effects;
        lock (Gate)
        {
            Ahead.Succeed(worker, calls);
            AssertInvariants();
            effects = Effects.Take();
        }
        foreach (QuickCall call in calls)
            call.Finish();   // before anything else: somebody waits
        Effects.Carry(effects);
    }

    public void OnLimit(PoolWorker worker, Call call, long id, WorkerException failure) => Killing.OnLimit(worker, call, id, failure);

    public void OnWorn(PoolWorker worker, Call call) => Killing.OnWorn(worker, call);

    public void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure) => Supervisor.OnLost(worker, failure);

    /// <summary>From time to time, where workers have calls in advance.</summary>
    public void RelieveStuckSlots() => stuck.Relieve();

    // --- Timers ---

    /// <summary>A clock may call back from within <see cref="TimeProvider.CreateTimer"/>, which is used under the lock: not in the middle of a transition.</summary>
    public void CallBack(Action callback)
    {
        if (Gate.IsHeldByCurrentThread)
            Later(callback);
        else
            callback();
    }

    /// <summary>The call's one timer.</summary>
    public void Arm(Call call, TimeSpan due, Action callback)
    {
        call.Timer?.Dispose();
        call.Timer = Clock.CreateTimer(_ => CallBack(callback), null, due, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The pool is over.</summary>
    public void StopTimers()
    {
        Recycler.Dispose();
        Breaker.Dispose();
        Deadlines.Dispose();
        Elasticity.Dispose();
    }

    // --- Figures ---

    public PoolState State
    {
        get
        {
            lock (Gate)
            {
                return Shutdown.IsOver ? PoolState.Disposed
                    : Shutdown.HasBegun ? PoolState.Draining
                    : Breaker.IsOpen ? PoolState.Broken
                    : !Supervisor.HasStarted ? PoolState.Starting
                    : Slots.Any(static s => s.IsMissing) ? PoolState.Degraded
                    : PoolState.Running;
            }
        }
    }

    /// <summary>For how long there has been no worker that takes calls, although there should be; null while there is one.</summary>
    public TimeSpan? Vacancy
    {
        get
        {
            lock (Gate)
                return Slots.Any(static s => s.Ready) || !Slots.Any(static s => s.IsMissing) ? null : Clock.GetElapsedTime(Slots.Max(static s => s.VacantSince));
        }
    }

    /// <summary>Why the pool takes no calls, and when it tries a worker again; null where it is not broken.</summary>
    public PoolBrokenException? Broken
    {
        get
        {
            lock (Gate)
                return Breaker.IsOpen ? Breaker.Failure() : null;
        }
    }

    public PoolStatistics Statistics
    {
        get
        {
            lock (Gate)
            {
                int running = 0, workers = 0, ahead = 0;
                foreach (Slot slot in Slots)
                {
                    running += slot.Running;
                    ahead += slot.CountAhead();
                    workers += slot.Ready ? 1 : 0;
                }
                return new()
                {
                    Workers = workers,
                    Queued = Dispatcher.Queued + ahead + Admission.Calls,
                    Waiting = Admission.Calls,
                    Running = running,
                    Completed = Ledger.Completed,
                    Failed = Ledger.Failed,
                    Cancelled = Ledger.Cancelled,
                    Retried = Ledger.Retried,
                    Replaced = Supervisor.Replaced,
                    Recycled = Supervisor.Recycled,
                    Spares = Spares.Ready,
                    LostThreads = Ledger.Abandoned.Count,
                };
            }
        }
    }

    /// <summary>What does not hold; null if all does. For tests.</summary>
    public string? FindViolation()
    {
        lock (Gate)
            return Invariants.Violation(this);
    }

    /// <summary>Under the lock, in debug builds.</summary>
    [System.Diagnostics.Conditional("DEBUG")]
    public void AssertInvariants()
    {
        if (Invariants.Violation(this) is { } violation)
            throw new System.Diagnostics.UnreachableException($"Pool {Options.Name}: {violation}");
    }
}
