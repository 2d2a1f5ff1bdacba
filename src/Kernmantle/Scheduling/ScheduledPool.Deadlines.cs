using System.Diagnostics;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling;

/// <summary>
/// Timeouts of quick calls. They cost a look at the clock until they fire: one timer for the pool is set to the soonest time at which any of them can be over, and is set
/// earlier when a call comes that can be over before. What it finds then, it reads from what the workers say: a call that has not begun, or began later, is looked at again.
/// </summary>
internal abstract partial class ScheduledPool
{
    private ITimer? deadlines;
    private long nextDeadline = long.MaxValue;

    /// <summary>A call with a timeout is handed over.</summary>
    private void Time(Slot slot, QuickCall call)
    {
        (call.PlacedAt, call.Started) = (Clock.GetTimestamp(), default);
        if (LookBy(call.PlacedAt, call.Bound) && slot.Worker!.GivesEvidence)
            slot.Worker.PrepareEvidence();
    }

    /// <summary>The one before it has ended. Only where the worker's clock is not the pool's does that say more than the worker.</summary>
    private void TimeNext(Slot slot)
    {
        if (slot.Quick.First is QuickCall { IsTimed: true } next && !ReferenceEquals(Clock, TimeProvider.System))
            next.PlacedAt = Clock.GetTimestamp();
    }

    /// <summary>Looks when that time has passed since then, or before. True: the timer was set for it.</summary>
    private bool LookBy(long since, TimeSpan time)
    {
        long at = time.TotalSeconds * Clock.TimestampFrequency >= long.MaxValue - since ? long.MaxValue : since + (long)(time.TotalSeconds * Clock.TimestampFrequency);
        if (at >= nextDeadline)
            return false;
        nextDeadline = at;
        TimeSpan due = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, Clock.GetElapsedTime(Clock.GetTimestamp(), at).TotalMilliseconds)));   // a timer's unit
        deadlines ??= Clock.CreateTimer(_ => CallBack(OnDeadline), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        deadlines.Change(due <= LongestTimer ? due : LongestTimer, Timeout.InfiniteTimeSpan);
        return true;
    }

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private void OnDeadline()
    {
        Action? after = null;
        lock (gate)
        {
            nextDeadline = long.MaxValue;
            foreach (Slot slot in slots.ToArray())
            {
                if (slot.Quick.Count > 0 && slot.Worker is { } worker)
                    after += LookAtTimes(slot, worker);
            }
        }
        Carry(after);
    }

    private Action? LookAtTimes(Slot slot, PoolWorker worker)
    {
        bool unheard = worker.HasUnheardQuick;   // first: an answer that comes later is no reason to wait
        long begun = worker.LastBegun;
        foreach (Call each in slot.Quick.ToArray())
        {
            var call = (QuickCall)each;
            if (!call.IsTimed || call.CancelRequested || call.Supervision?.TimedOutAfter is not null)
                continue;
            if (call.First == 0 || call.First > begun)
                LookBy(Clock.GetTimestamp(), call.Bound);
            else if (LookAtTime(slot, worker, call, Math.Min(begun, call.Sequence), unheard, isPast: call.Sequence < begun) is { } after)
                return after;   // the slot has nothing left
        }
        return null;
    }

    /// <param name="slot">Where it is.</param>
    /// <param name="worker">The slot's.</param>
    /// <param name="call">It has begun.</param>
    /// <param name="number">Its own, or that of the item that its worker has begun.</param>
    /// <param name="unheard">Its worker has said something that is still to be heard.</param>
    /// <param name="isPast">Its worker has begun another one since: it has answered this one, or lies.</param>
    private Action? LookAtTime(Slot slot, PoolWorker worker, QuickCall call, long number, bool unheard, bool isPast)
    {
        if (!isPast)
        {
            Overrun part = worker.TimeOf(call, number, out long started);
            if (part == Overrun.Arguments || (part != Overrun.Function && call is BatchCall))
                LookBy(Clock.GetTimestamp(), call.Bound);
            if (part != Overrun.Function)
                return null;   // what is ours has a bound of its own
            if (Clock.GetElapsedTime(started) < call.Bound || Debugger.IsAttached)
            {
                LookBy(Debugger.IsAttached ? Clock.GetTimestamp() : started, call.Bound);
                return null;
            }
        }
        if ((unheard || isPast) && call.Supervise().WaitsToHear(number))
        {
            LookBy(Clock.GetTimestamp(), CallSupervision.HearingPause);
            return null;
        }
        (call.Supervise().TimedOutAfter, call.Supervise().Overrun, call.Supervise().TimedOutItem) = (call.Bound, Overrun.Function, number);
        return Options.TimeoutGrace > TimeSpan.Zero ? AskQuick(slot, worker, call, Options.TimeoutGrace) : KillQuickForTimeout(slot, call);
    }

    /// <summary>As <see cref="KillForTimeout"/>.</summary>
    private Action KillQuickForTimeout(Slot slot, QuickCall call)
    {
        PoolWorker worker = slot.Worker!;
        if (!worker.GivesEvidence)
            return KillQuick(slot, call, Outcome.Cancelled);   // the timeout decides the outcome
        call.Supervise().IsLookedAt = true;
        long id = call.Id;
        return () => _ = TakeQuickEvidenceAsync(slot, call, id, worker);
    }

    private async Task TakeQuickEvidenceAsync(Slot slot, QuickCall call, long id, PoolWorker worker)
    {
        WorkerEvidence evidence = await worker.TakeEvidenceAsync().ConfigureAwait(false);
        Action? after = null;
        lock (gate)
        {
            if (call.Id == id && slot.Worker == worker && call.Line == slot.Quick)
            {
                call.Supervise().Evidence = evidence;
                after = KillQuick(slot, call, Outcome.Cancelled);
            }
        }
        Carry(after);
    }
}
