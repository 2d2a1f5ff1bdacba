using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling;

/// <summary>
/// From time to time: slots that get on with nothing. One that has begun nothing since the last look holds up calls that it was given because the one before them was
/// expected to be short: they go elsewhere. One that decodes, encodes, or does not begin for too long loses its worker.
/// </summary>
internal sealed class StuckSlots(Scheduler scheduler)
{
    private TimeProvider Clock => scheduler.Clock;

    private TimeSpan Bound => scheduler.Kind.TransferTimeout;

    public void Relieve()
    {
        using var transition = new Transition(scheduler);
        foreach (Slot slot in scheduler.Slots)
        {
            if (slot.Quick.Count == 0 || slot.Worker is not { } worker)
                continue;
            long begun = worker.LastBegun;
            bool runs = slot.Quick.OfType<QuickCall>().Any(call => call.First > 0 && call.First <= begun);
            bool isSlow = slot.Quick.First is BatchCall { Slice: not null, First: > 0 } slice && scheduler.Ahead.LastsLong(slot, slice, begun);
            if (runs && (begun == slot.SeenBegun || isSlow) && slot.Quick.OfType<QuickCall>().Any(call => call.First > 0 && call.First + call.Count - 1 > begun))
                scheduler.Ahead.Recall(slot);
            scheduler.Joiner.CancelAwaiting(slot);
            slot.SeenBegun = begun;
            if (Bound != Timeout.InfiniteTimeSpan)
                LookAtTransfer(slot, worker, begun);
        }
    }

    /// <summary>A quick call that has been decoded, or whose result has been encoded, for too long: its function is not to blame, and it has no timer.</summary>
    private void LookAtTransfer(Slot slot, PoolWorker worker, long begun)
    {
        if (slot.Quick.FirstOrDefault(c => worker.HasBegun(c) && ((QuickCall)c).Sequence >= begun) is not QuickCall call)
        {
            LookAtBegin(slot, worker, begun);
            return;
        }
        Overrun part = call is BatchCall { Slice: not null } ? Overrun.Function : worker.PartOf(begun);   // its items need no decoding, and tell no clock
        if (!LastsTooLong(slot, begun, part, isBounded: part != Overrun.Function))
            return;
        slot.Quick.Remove(call);
        scheduler.Ahead.KeepRest(slot, call, worker);
        string text = CallTimeoutException.TextOf(call.Name, part, Bound, "Its worker was killed and replaced.");
        var cause = new CallTimeoutException(text, Bound, stillRunning: false, isTransfer: true) { WorkerName = slot.Name };
        scheduler.Records.Kill(slot, worker, call, Outcome.Failed(cause));
        scheduler.Then(new(EffectKind.Kill, worker));
        scheduler.Ledger.End(call, Outcome.Failed(cause));
        scheduler.Ahead.Retire(slot);
        scheduler.Supervisor.Replace(slot, cause);
    }

    /// <summary>A worker that has nothing else to do and does not begin a call hangs, or was stopped: the call goes elsewhere.</summary>
    private void LookAtBegin(Slot slot, PoolWorker worker, long begun)
    {
        if (slot.Quick.First is not QuickCall { First: > 0 } call || call.First <= begun)
            return;   // an answer that is still to be heard
        if (!LastsTooLong(slot, begun, Overrun.None, isBounded: true))
            return;
        var cause = new WorkerCrashedException($"{slot.Name} did not begin {call.Name} within {Bound}. It was killed and replaced.", CrashReason.Killed, null, null, [], ["Its process was stopped, or gets no processor."]) { WorkerName = slot.Name };
        scheduler.Records.Kill(slot, worker, call, Outcome.Failed(cause));
        scheduler.Then(new(EffectKind.Kill, worker));
        if (Poison.Before(call, cause) is { } poison)
        {
            slot.Quick.Remove(call);
            scheduler.Ledger.End(call, Outcome.Failed(poison));
        }
        scheduler.Ahead.Retire(slot);
        scheduler.Supervisor.Replace(slot, cause);
    }

    /// <summary>The slot has been at the same for longer than the bound.</summary>
    private bool LastsTooLong(Slot slot, long begun, Overrun part, bool isBounded)
    {
        if (isBounded && (slot.Generation, begun, part) == slot.SeenTransfer)
            return Clock.GetElapsedTime(slot.TransferSince) >= Bound;
        (slot.SeenTransfer, slot.TransferSince) = ((slot.Generation, begun, part), Clock.GetTimestamp());
        return false;
    }
}
