using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Scheduling;

/// <summary>
/// A pool whose workers do not stay alive gives up for a while, and then tries one worker, as a circuit breaker's half-open state does: if that
/// one becomes ready the pool goes on, if not it gives up for twice as long.
/// </summary>
internal sealed class Breaker(Scheduler scheduler) : IDisposable
{
    /// <summary>No pause between two tries is longer.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>When workers died that no call explains, within the window or since a worker was ready.</summary>
    private readonly Queue<long> deaths = new();

    private Exception? cause;

    /// <summary>How often it has given up without holding for a whole window in between.</summary>
    private int breaks;

    private long healedAt;
    private DateTimeOffset? nextTry;
    private ITimer? timer;

    private SlotTable Slots => scheduler.Slots;

    private TimeProvider Clock => scheduler.Clock;

    /// <summary>The pool has given up.</summary>
    public bool IsOpen => cause is not null;

    /// <summary>Workers are tried just now.</summary>
    public bool IsTrying { get; private set; }

    public void Dispose() => timer?.Dispose();

    /// <summary>How calls of such a pool fail.</summary>
    public PoolBrokenException Failure()
    {
        string next = IsTrying ? "It tries a worker just now."
            : nextTry is { } at ? FormattableString.Invariant($"It tries a worker again at {at:u}; until then calls fail.")
            : "It stays so: dispose of it.";
        string last = cause!.Message.TrimEnd();
        return new(
            $"Pool {scheduler.Options.Name} has given up: {Math.Max(1, deaths.Count)} of its workers died at start or while idle. The last cause: {last}{(last.EndsWith('.') ? "" : ".")} {next}",
            deaths.Count,
            nextTry,
            nextTry - Clock.GetUtcNow(),
            cause);
    }

    // --- Opening ---

    /// <summary>The worker died, and no call explains it. True: it was one too many.</summary>
    public bool CountsDeath(Slot slot, WorkerException death) => !IsOpen && !EndedFromOutside(slot, death) && CountDeath();

    /// <summary>A worker did not start. True: it is not to be started again, since the pool has given up.</summary>
    public bool OnStartFailed(Exception failure)
    {
        bool forGood = failure is PlatformNotSupportedException or FunctionUnavailableException;
        if (IsOpen)
        {
            if (IsTrying && !Slots.Any(static s => s.Worker is not null))
                Open(failure);
            return true;
        }
        if (!forGood && !CountDeath())
            return false;
        Open(failure, forGood);
        return true;
    }

    public void Open(Exception why, bool forGood = false)
    {
        cause = why;
        IsTrying = false;
        if (forGood || scheduler.Options.HealAfter == Timeout.InfiniteTimeSpan)
        {
            nextTry = null;
            PoolEvents.PoolBroken(scheduler.Log, why, scheduler.Options.Name);
        }
        else
        {
            long least = scheduler.Options.HealAfter.Ticks;
            TimeSpan pause = TimeSpan.FromTicks((long)Math.Min(least * Math.Pow(2, Math.Min(breaks, 30)), Math.Max(LongestPause.Ticks, least)));
            nextTry = Clock.GetUtcNow() + pause;
            scheduler.Then(new(EffectKind.TryLater, Number: pause.Ticks));
            PoolEvents.PoolPaused(scheduler.Log, why, scheduler.Options.Name, pause.TotalMilliseconds);
        }
        breaks++;
        scheduler.Room.Refuse(Failure());
        scheduler.Supervisor.RefuseStart(Failure());
        scheduler.Supervisor.PrepareStart();
        scheduler.Dispatcher.EndWaiting(Failure);
    }

    /// <summary>
    /// Somebody sent the idle worker a signal: neither the pool nor a call is to blame, and a worker that lived for a good part of the time that its
    /// start took is worth to be started again.
    /// </summary>
    private bool EndedFromOutside(Slot slot, WorkerException death) =>
        death is WorkerCrashedException { Reason: CrashReason.Signal, Signal: { } signal }
        && Signals.IsFromOutside(signal)
        && Clock.GetElapsedTime(slot.Readiness.At) >= slot.Readiness.Took / 4;

    /// <summary>
    /// Counts a death that no call explains; true if there were too many. A pool that has just healed may have none. Those since a worker was ready all count: where starts hang, as
    /// many as that never fall into one window.
    /// </summary>
    private bool CountDeath()
    {
        long now = Clock.GetTimestamp();
        (int limit, TimeSpan window) = scheduler.Kind.RestartIntensity;
        if (breaks > 0 && Clock.GetElapsedTime(healedAt, now) > window)
            breaks = 0;
        deaths.Enqueue(now);
        long lastReady = Slots.Concat(scheduler.Spares).Max(static s => s.Readiness.At);
        while (deaths.Peek() <= lastReady && Clock.GetElapsedTime(deaths.Peek(), now) > window)
            deaths.Dequeue();
        return breaks > 0 || deaths.Count > limit;
    }

    // --- Healing ---

    /// <summary>Outside of the lock: tries a worker after a pause.</summary>
    public void TryLater(TimeSpan pause) => timer = Clock.CreateTimer(_ => scheduler.CallBack(Try), null, pause, Timeout.InfiniteTimeSpan);

    /// <summary>The pause is over.</summary>
    private void Try()
    {
        using var transition = new Transition(scheduler);
        if (!IsOpen || IsTrying || scheduler.Shutdown.HasBegun)
            return;
        if (Slots.Any(static s => s.Ready))
        {
            Heal();
            return;
        }
        IsTrying = true;
        if ((Slots.Find(static s => s.Worker is null && !s.IsParked) ?? scheduler.Spares.Find(static s => s.Worker is null)) is { } slot)
            scheduler.Supervisor.Start(slot, TimeSpan.Zero);   // where all others are parked, a spare: it says as much
    }

    /// <summary>A worker lives: the others get theirs, and calls are taken.</summary>
    public void Heal()
    {
        PoolEvents.PoolHealed(scheduler.Log, scheduler.Options.Name);
        (cause, IsTrying, nextTry) = (null, false, null);
        healedAt = Clock.GetTimestamp();
        foreach (Slot slot in Slots.Concat(scheduler.Spares).ToArray())
        {
            if (slot.Worker is null && !slot.IsParked)
                scheduler.Supervisor.Start(slot, TimeSpan.Zero);
            else if (!slot.IsSpare && slot.IsIdle)
                scheduler.Dispatcher.Next(slot);
        }
        scheduler.Supervisor.SignalIfAllReady();
    }

    /// <summary>Before a start: whether the worker is not wanted any more, since the pool has given up meanwhile.</summary>
    public bool GivesUp(Slot slot, PoolWorker worker)
    {
        lock (scheduler.Gate)
        {
            if (slot.Worker != worker || !IsOpen || IsTrying)
                return false;
            slot.Worker = null;
            slot.IsGrowing = false;
            return true;
        }
    }
}
