using Kernmantle.Calls;

namespace Kernmantle.Pool;

/// <summary>
/// Quick calls: a worker gets several in advance, as long as what it then has is known to be short, so that neither side waits for the
/// other between two of them. What a worker has not begun can be taken back.
/// </summary>
internal abstract partial class ScheduledPool
{
    /// <summary>Slots looked at for a place ahead: enough to find one, few enough to cost nothing where there are hundreds.</summary>
    private const int Candidates = 8;

    [ThreadStatic]
    private static List<(PoolWorker Worker, QuickCall Call)>? offers;

    private int nextCandidate;

    /// <summary>Submits a call. Returns the worker it was given to as its only call; null if it has to wait, or waits behind another one.</summary>
    internal sealed override PoolWorker? SubmitQuick(QuickCall call, bool attend)
    {
        Action? after = null;
        PoolWorker? worker = null;
        bool alone = false;
        lock (gate)
        {
            live++;
            if (phase == Phase.Running && broken is null && starting && queue.Count == 0)
            {
                Slot? slot = IdleSlotFor(call);
                alone = slot is { Worker.TakesQuickCalls: true };
                if ((slot ?? SlotAheadFor(call)) is { Worker.TakesQuickCalls: true } place)
                {
                    worker = place.Worker;
                    call.IsAttended = alone && attend;
                    Place(place, call);
                }
                else
                {
                    after = slot is null ? Accept(call) : Assign(slot, call);
                }
            }
            else
            {
                after = Accept(call);
            }
        }
        after?.Invoke();
        worker?.Offer(call);
        return alone ? worker : null;
    }

    public void OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit = false)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.Slot is not { } slot || slot.Worker != worker || call.Line != slot.Quick)
                return;   // it was ended with its worker
            slot.Quick.Remove(call);
            slot.Progress++;
            slot.AheadMicroseconds = slot.Quick.Count == 0 ? 0 : slot.AheadMicroseconds - call.Function!.Duration.Estimate;
            if (failure is not null)
            {
                call.State = CallState.Begun;
                after = End(call, failure);
            }
            else
            {
                call.State = CallState.Ended;
                live--;
                completed++;
                SignalIfDrained();
            }
            after += workerUnfit ? Retire(slot) + Replace(slot, null)
                : slot.Quick.Count == 0 ? Next(slot)
                : null;
            if (!workerUnfit)
                Refill(slot);
        }
        if (failure is null)
            call.Finish();
        after?.Invoke();
        Offer();
    }

    /// <summary>
    /// From time to time: a slot that has got nowhere since the last look holds up calls that it was given because the one before them was
    /// expected to be short. They go elsewhere.
    /// </summary>
    private protected void RelieveStuckSlots()
    {
        Action? after = null;
        lock (gate)
        {
            foreach (Slot slot in slots)
            {
                bool stuck = slot.Quick.Count > 1 && slot.SeenProgress == slot.Progress;
                slot.SeenProgress = slot.Progress;
                if (stuck && slot.Worker is { } worker && worker.TryRecall(out long first, out long last))
                    after += TakeBack(slot, call => call.Sequence >= first && call.Sequence <= last);
            }
        }
        after?.Invoke();
    }

    private static void Place(Slot slot, QuickCall call)
    {
        slot.Quick.AddLast(call);
        slot.AheadMicroseconds += call.Function!.Duration.Estimate;
        call.Slot = slot;
        call.State = CallState.Assigned;
    }

    private Slot? SlotAheadFor(QuickCall call)
    {
        if (double.IsPositiveInfinity(call.Function!.Duration.Estimate))
            return null;
        for (int i = 0; i < Math.Min(Candidates, slots.Count); i++)
        {
            nextCandidate = (nextCandidate + 1) % slots.Count;
            if (HasRoomAhead(slots[nextCandidate], call))
                return slots[nextCandidate];
        }
        return null;
    }

    private static bool HasRoomAhead(Slot slot, QuickCall call) =>
        slot.Quick.Count is > 0 and < CallDuration.MaxDepth
        && slot.Ready
        && slot.Queue.Count == 0
        && slot.Worker!.TakesQuickCalls
        && slot.AheadMicroseconds + call.Function!.Duration.Estimate <= CallDuration.Ahead;

    /// <summary>More from the queue for a slot that is at it, to be offered by <see cref="Offer"/> outside of the lock.</summary>
    private void Refill(Slot slot)
    {
        while (queue.First is QuickCall call && HasRoomAhead(slot, call))
        {
            Dequeue(call);
            Place(slot, call);
            (offers ??= []).Add((slot.Worker!, call));
        }
    }

    private static void Offer()
    {
        if (offers is not { Count: > 0 } mine)
            return;
        offers = null;
        foreach ((PoolWorker worker, QuickCall call) in mine)
            worker.Offer(call);
        mine.Clear();
        offers = mine;
    }

    /// <summary>Takes all quick calls from a slot whose worker is to go. None of them has begun.</summary>
    private Action? Retire(Slot slot)
    {
        slot.Worker!.Retire();
        return TakeBack(slot, static _ => true);
    }

    /// <summary>Quick calls of the slot go back to the head of the queue, in their order.</summary>
    private Action? TakeBack(Slot slot, Predicate<QuickCall> which)
    {
        Action? after = null;
        foreach (QuickCall call in slot.Quick.Cast<QuickCall>().Where(c => which(c)).Reverse().ToArray())
        {
            slot.Quick.Remove(call);
            call.TakeBack();
            Enqueue(call, first: true);
        }
        slot.AheadMicroseconds = slot.Quick.Count == 0 ? 0 : double.PositiveInfinity;
        while (queue.First is QuickCall call && IdleSlotFor(call) is { } idleSlot)
        {
            Dequeue(call);
            after += Assign(idleSlot, call, later: true);
        }
        return after;
    }
}
