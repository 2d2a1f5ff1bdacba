using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling;

/// <summary>
/// Payloads too large for a ring are encoded right into memory of the worker that will take the call: an idle one, or the only one that may. Where all are busy there is no telling which
/// one it will be, and fresh memory costs many times a copy: then the payload waits in an array, and is copied when its worker is known.
/// </summary>
internal sealed class LargePayloads(Scheduler scheduler)
{
    /// <summary>So many large calls a worker may have in advance: more memory of its own gains nothing.</summary>
    public const int MostAhead = 4;

    /// <summary>The largest payload that fits a ring, in bytes.</summary>
    public int LargestInRing => scheduler.Kind.LargestInRing;

    /// <summary>Memory of the worker that the call will go to, most probably; null where that is not known, or has enough of it in use.</summary>
    public PayloadRoom? TryRent(QuickCall call, int length)
    {
        PoolWorker? worker;
        lock (scheduler.Gate)
        {
            Slot? slot = call.ExpectedBy ?? scheduler.Slots.ExpectedFor(call);
            worker = slot is { Ready: true, Worker: { TakesQuickCalls: true } ready } ? ready : null;
            if (worker is not null)
                Expect(call, slot);
        }
        return worker?.TryRentRoom(length);
    }

    /// <summary>The call comes, or never will.</summary>
    public void Forget(QuickCall call)
    {
        if (call.ExpectedBy is null)
            return;
        lock (scheduler.Gate)
            Expect(call, null);
    }

    /// <summary>Under the lock. What is expected by one worker keeps others from expecting theirs there.</summary>
    public static void Expect(QuickCall call, Slot? slot)
    {
        if (call.ExpectedBy is { } before)
            before.Expected--;
        if (slot is not null)
            slot.Expected++;
        call.ExpectedBy = slot;
    }

    /// <summary>Under the lock: whether the slot's worker may have one more in advance.</summary>
    public bool MayGoAhead(Slot slot, QuickCall call)
    {
        if (call.Payload.Length <= LargestInRing)
            return true;
        int large = 0;
        foreach (Call each in slot.Quick)
            large += each.Payload.Length > LargestInRing ? 1 : 0;
        return large < MostAhead;
    }
}
