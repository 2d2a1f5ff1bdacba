using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// A pool whose workers do not stay alive gives up for a while, and then tries one worker, as a circuit breaker's half-open state does: if that
/// one becomes ready the pool goes on, if not it gives up for twice as long.
/// </summary>
internal abstract partial class ScheduledPool
{
    /// <summary>No pause between two tries is longer.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>When workers died that no call explains, within the window.</summary>
    private readonly Queue<long> deaths = new();

    /// <summary>Why it has given up; null while it has not.</summary>
    private Exception? broken;

    /// <summary>Workers are tried just now.</summary>
    private bool trying;

    /// <summary>How often it has given up without holding for a whole window in between.</summary>
    private int breaks;

    private long healedAt;
    private DateTimeOffset? nextTry;
    private ITimer? healing;

    /// <summary>How many deaths that no call explains, in what window, break the pool.</summary>
    private protected virtual (int Limit, TimeSpan Window) RestartIntensity => (5, TimeSpan.FromSeconds(30));

    public sealed override PoolState State
    {
        get
        {
            lock (gate)
            {
                return phase switch
                {
                    Phase.Draining => PoolState.Draining,
                    Phase.Disposed => PoolState.Disposed,
                    _ when broken is not null => PoolState.Broken,
                    _ when !hasStarted => PoolState.Starting,
                    _ => slots.Exists(static s => s.IsMissing) ? PoolState.Degraded : PoolState.Running,
                };
            }
        }
    }

    /// <summary>
    /// Somebody sent the idle worker a signal: neither the pool nor a call is to blame, and a worker that lived for a good part of the time that its
    /// start took is worth to be started again.
    /// </summary>
    private bool EndedFromOutside(Slot slot, WorkerException cause) =>
        cause is WorkerCrashedException { Reason: CrashReason.Signal, Signal: { } signal }
        && Signals.IsFromOutside(signal)
        && Clock.GetElapsedTime(slot.Readiness.At) >= slot.Readiness.Took / 4;

    /// <summary>Counts a death that no call explains; true if there were too many. A pool that has just healed may have none.</summary>
    private bool CountDeath()
    {
        long now = Clock.GetTimestamp();
        (int limit, TimeSpan window) = RestartIntensity;
        if (breaks > 0 && Clock.GetElapsedTime(healedAt, now) > window)
            breaks = 0;
        deaths.Enqueue(now);
        while (Clock.GetElapsedTime(deaths.Peek(), now) > window)
            deaths.Dequeue();
        return breaks > 0 || deaths.Count > limit;
    }

    private Action? Break(Exception cause, bool forGood = false)
    {
        broken = cause;
        trying = false;
        Action? after = null;
        if (forGood || Options.HealAfter == Timeout.InfiniteTimeSpan)
        {
            nextTry = null;
            PoolEvents.PoolBroken(Log, cause, Options.Name);
        }
        else
        {
            TimeSpan pause = TimeSpan.FromTicks((long)Math.Min(Options.HealAfter.Ticks * Math.Pow(2, Math.Min(breaks, 30)), Math.Max(LongestPause.Ticks, Options.HealAfter.Ticks)));
            nextTry = Clock.GetUtcNow() + pause;
            after = () => healing = Clock.CreateTimer(_ => CallBack(Try), null, pause, Timeout.InfiniteTimeSpan);
            PoolEvents.PoolPaused(Log, cause, Options.Name, pause.TotalMilliseconds);
        }
        breaks++;
        RefuseRoom(Broken());
        started.TrySetException(Broken());
        _ = started.Task.Exception;   // observed here, since it is thrown to whoever starts the pool or calls
        started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (Call call in slots.SelectMany(s => s.Queue).Concat(queue).Concat(retrying).ToArray())
        {
            Dequeue(call);
            after += End(call, Outcome.Failed(Broken()));
        }
        while (waiting.First is { } waiter)
            after += EndWaiter(waiter, Outcome.Failed(Broken()));
        return after;
    }

    private PoolBrokenException Broken()
    {
        string next = trying ? "It tries a worker just now."
            : nextTry is { } at ? FormattableString.Invariant($"It tries a worker again at {at:u}; until then calls fail.")
            : "It stays so: dispose of it.";
        string cause = broken!.Message.TrimEnd();
        return new(
            $"Pool {Options.Name} has given up: {Math.Max(1, deaths.Count)} of its workers died at start or while idle. The last cause: {cause}{(cause.EndsWith('.') ? "" : ".")} {next}",
            deaths.Count,
            nextTry,
            nextTry - Clock.GetUtcNow(),
            broken);
    }

    /// <summary>The pause is over.</summary>
    private void Try()
    {
        Action? after = null;
        lock (gate)
        {
            if (broken is null || trying || phase != Phase.Running)
                return;
            if (slots.Exists(static s => s.Ready))
            {
                after = Heal();
            }
            else
            {
                trying = true;
                if (slots.Find(static s => s.Worker is null && !s.IsParked) is { } slot)
                    StartWorker(slot, TimeSpan.Zero);
            }
        }
        Carry(after);
    }

    /// <summary>A worker lives: the others get theirs, and calls are taken.</summary>
    private Action? Heal()
    {
        PoolEvents.PoolHealed(Log, Options.Name);
        (broken, trying, nextTry) = (null, false, null);
        healedAt = Clock.GetTimestamp();
        Action? after = null;
        foreach (Slot slot in slots.Concat(spares))
        {
            if (slot.Worker is null && !slot.IsParked)
                StartWorker(slot, TimeSpan.Zero);
            else if (!slot.IsSpare && slot.IsIdle)
                after += Next(slot);
        }
        SignalIfAllReady();
        return after;
    }

    /// <summary>Before a start: whether the worker is not wanted any more, since the pool has given up meanwhile.</summary>
    private bool IsGivenUp(Slot slot, PoolWorker worker)
    {
        lock (gate)
        {
            if (slot.Worker != worker || broken is null || trying)
                return false;
            slot.Worker = null;
            slot.IsGrowing = false;
            return true;
        }
    }
}
