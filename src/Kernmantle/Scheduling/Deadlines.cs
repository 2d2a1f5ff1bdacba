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
internal sealed class Deadlines(Scheduler scheduler) : IDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private ITimer? timer;
    private long nextLook = long.MaxValue;

    private TimeProvider Clock => scheduler.Clock;

    public void Dispose() => timer?.Dispose();

    /// <summary>A call with a timeout is handed over.</summary>
    public void Begin(Slot slot, QuickCall call)
    {
        (call.PlacedAt, call.Started) = (Clock.GetTimestamp(), default);
        if (LookBy(call.PlacedAt, call.Bound) && slot.Worker!.GivesEvidence)
            slot.Worker.PrepareEvidence();
    }

    /// <summary>The one before it has ended. Only where the worker's clock is not the pool's does that say more than the worker.</summary>
    public void BeginNext(Slot slot)
    {
        if (slot.Quick.First is QuickCall { IsTimed: true } next && !ReferenceEquals(Clock, TimeProvider.System))
            next.PlacedAt = Clock.GetTimestamp();
    }

    /// <summary>Looks when that time has passed since then, or before. True: the timer was set for it.</summary>
    private bool LookBy(long since, TimeSpan time)
    {
        long at = time.TotalSeconds * Clock.TimestampFrequency >= long.MaxValue - since ? long.MaxValue : since + (long)(time.TotalSeconds * Clock.TimestampFrequency);
        if (at >= nextLook)
            return false;
        nextLook = at;
        TimeSpan due = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, Clock.GetElapsedTime(Clock.GetTimestamp(), at).TotalMilliseconds)));   // a timer's unit
        timer ??= Clock.CreateTimer(_ => scheduler.CallBack(Look), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(due <= LongestTimer ? due : LongestTimer, Timeout.InfiniteTimeSpan);
        return true;
    }

    private void Look()
    {
        using var transition = new Transition(scheduler);
        nextLook = long.MaxValue;
        foreach (Slot slot in scheduler.Slots.ToArray())
        {
            if (slot.Quick.Count > 0 && slot.Worker is { } worker)
                LookAt(slot, worker);
        }
    }

    private void LookAt(Slot slot, PoolWorker worker)
    {
        bool unheard = worker.HasUnheardQuick;   // first: an answer that comes later is no reason to wait
        long begun = worker.LastBegun;
        foreach (Call each in slot.Quick.ToArray())
        {
            if (slot.Worker != worker)
                return;   // it was ended for one of them: the others are elsewhere
            var call = (QuickCall)each;
            if (!call.IsTimed || call.CancelRequested || call.Supervision?.TimedOutAfter is not null)
                continue;
            if (call.First == 0 || call.First > begun)
                LookBy(Clock.GetTimestamp(), call.Bound);
            else
                LookAt(slot, worker, call, Math.Min(begun, call.Sequence), unheard, isPast: call.Sequence < begun);
        }
    }

    /// <param name="slot">Where it is.</param>
    /// <param name="worker">The slot's.</param>
    /// <param name="call">It has begun.</param>
    /// <param name="number">Its own, or that of the item that its worker has begun.</param>
    /// <param name="unheard">Its worker has said something that is still to be heard.</param>
    /// <param name="isPast">Its worker has begun another one since: it has answered this one, or lies.</param>
    private void LookAt(Slot slot, PoolWorker worker, QuickCall call, long number, bool unheard, bool isPast)
    {
        if (!isPast)
        {
            Overrun part = worker.TimeOf(call, number, out long started);
            if (part == Overrun.Arguments || (part != Overrun.Function && call is BatchCall))
                LookBy(Clock.GetTimestamp(), call.Bound);
            if (part != Overrun.Function)
                return;   // what is ours has a bound of its own
            if (Clock.GetElapsedTime(started) < call.Bound || Debugger.IsAttached)
            {
                LookBy(Debugger.IsAttached ? Clock.GetTimestamp() : started, call.Bound);
                return;
            }
        }
        if ((unheard || isPast) && call.Supervise().WaitsToHear(number))
        {
            LookBy(Clock.GetTimestamp(), CallSupervision.HearingPause);
            return;
        }
        (call.Supervise().TimedOutAfter, call.Supervise().Overrun, call.Supervise().TimedOutItem) = (call.Bound, Overrun.Function, number);
        if (scheduler.Options.TimeoutGrace > TimeSpan.Zero)
            scheduler.Killing.AskToEnd(slot, call, scheduler.Options.TimeoutGrace);
        else
            scheduler.Killing.KillForTimeout(slot, call);
    }
}
