using Kernmantle.Logging.Events;

namespace Kernmantle.Scheduling;

/// <summary>
/// Workers of an elastic pool that have had nothing to do for <see cref="WorkerPoolOptions.IdleTimeout"/> end, those first that have had none for longest. One timer, set while there
/// are more than need be, to when the first of them may end.
/// </summary>
internal abstract partial class ScheduledPool
{
    private ITimer? idleness;
    private bool watchesIdleness;

    /// <summary>The slot has nothing to do.</summary>
    private void Rest(Slot slot)
    {
        if (slot.IsUsed && slot.Interleaved.Count == 0)
            (slot.IsUsed, slot.IdleSince) = (false, Clock.GetTimestamp());
        WatchIdleness(slot.IdleSince);
    }

    /// <summary>There may be a worker too many, when the timeout has passed since then.</summary>
    private void WatchIdleness(long since)
    {
        if (!watchesIdleness && slots.Count - parked > leastWorkers && phase == Phase.Running && Options.IdleTimeout != Timeout.InfiniteTimeSpan)
            ParkIn(Options.IdleTimeout - Clock.GetElapsedTime(since));
    }

    private void ParkIn(TimeSpan time)
    {
        watchesIdleness = true;
        idleness ??= Clock.CreateTimer(_ => CallBack(ParkIdle), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        idleness.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, time.TotalMilliseconds))), Timeout.InfiniteTimeSpan);   // a timer's unit
    }

    private void ParkIdle()
    {
        lock (gate)
        {
            watchesIdleness = false;
            if (phase != Phase.Running || broken is not null)
                return;   // one that has healed comes here again
            long now = Clock.GetTimestamp();
            foreach (Slot slot in slots.Where(MayRest).OrderBy(static s => s.IdleSince))
            {
                TimeSpan left = Options.IdleTimeout - Clock.GetElapsedTime(slot.IdleSince, now);
                if (slots.Count - parked == leastWorkers)
                    break;
                if (left > TimeSpan.Zero)
                {
                    ParkIn(left);
                    break;
                }
                Park(slot);
            }
            AssertInvariants();
        }
    }

    private static bool MayRest(Slot slot) => slot is { IsIdle: true, Instances: 0, Interleaved.Count: 0, Queue.Count: 0, IsUsed: false };

    private void Park(Slot slot)
    {
        PoolEvents.WorkerIdle(Log, slot.Name, Clock.GetElapsedTime(slot.IdleSince).TotalSeconds, slot.Worker!.ProcessId);
        LetGo(slot, null, well: true);
        slot.IsParked = true;
        parked++;
    }

    /// <summary>An object less lives there.</summary>
    private void CountOut(Slot home)
    {
        home.Instances--;
        if (IsElastic)
            WatchIdleness(home.IdleSince);
    }
}
