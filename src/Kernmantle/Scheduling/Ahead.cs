using System.Diagnostics.CodeAnalysis;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Scheduling;

/// <summary>
/// Quick calls, of which a worker gets several in advance, as long as what it then has is known to be short, so that neither side waits for the
/// other between two of them. What a worker has not begun can be taken back.
/// </summary>
internal sealed class Ahead(Scheduler scheduler)
{
    /// <summary>Slots looked at for a place ahead: enough to find one, few enough to cost nothing where there are hundreds.</summary>
    private const int Candidates = 8;

    /// <summary>Much more than any slice is meant to take.</summary>
    private const long LongMilliseconds = 10;

    private int nextCandidate;

    // --- To a worker ---

    /// <summary>Returns its place, by which it is to be offered.</summary>
    public long Place(Slot slot, QuickCall call)
    {
        slot.Quick.AddLast(call);
        slot.IsUsed = true;
        if (slot.Quick.Count > 1 && call.PinnedTo is null)
            scheduler.Elasticity.OnWaiting();
        call.ExpectedMicroseconds = Estimate(call);
        slot.AheadMicroseconds += call.ExpectedMicroseconds;
        Ledger.Assign(call, slot);
        call.HandedOverAt = Environment.TickCount64;   // some nanoseconds, and exact to some milliseconds
        call.WatchedSince = Watch.SeesCalls ? scheduler.Figures.Begin(call) : 0;
        if (call.IsTimed)
            scheduler.Deadlines.Begin(slot, call);
        return ++slot.Worker!.Placed;
    }

    /// <summary>A slot that is at other quick calls, and will soon have done them; null for none.</summary>
    public Slot? SlotFor(QuickCall call)
    {
        if (double.IsPositiveInfinity(call.Function!.Duration.Estimate) || call.NeedsWorkerForItself)
            return null;
        if (call.PinnedTo is { } pinned)
            return HasRoom(pinned, call) ? pinned : null;
        SlotTable slots = scheduler.Slots;
        for (int i = 0; i < Math.Min(Candidates, slots.Count); i++)
        {
            nextCandidate = (nextCandidate + 1) % slots.Count;
            if (slots[nextCandidate].Queue.Count == 0 && HasRoom(slots[nextCandidate], call))
                return slots[nextCandidate];
        }
        return null;
    }

    private bool HasRoom(Slot slot, QuickCall call) =>
        slot.Quick.Count is > 0 and < CallDuration.MaxDepth
        && slot.Ready
        && !call.NeedsWorkerForItself
        && slot.Quick.First is QuickCall { NeedsWorkerForItself: false }
        && scheduler.Recycler.LeavesRoom(slot)
        && scheduler.Large.MayGoAhead(slot, call)
        && slot.Worker!.TakesQuickCalls
        && (call is not JoinedCalls || CountOf(slot) + call.Count <= CallDuration.MaxDepth)
        && slot.AheadMicroseconds <= CallDuration.Ahead
        && slot.AheadMicroseconds + Estimate(call) <= 2 * CallDuration.Ahead;

    /// <summary>How many calls it has, those that joined one by one.</summary>
    private static int CountOf(Slot slot)
    {
        int calls = 0;
        for (Call? call = slot.Quick.First; call is not null; call = call.Next)
            calls += call is JoinedCalls ? call.Count : 1;
        return calls;
    }

    /// <summary>Calls have come into the queue.</summary>
    public void RefillAll()
    {
        foreach (Slot slot in scheduler.Slots)
        {
            if (slot.Quick.Count > 0)
                Refill(slot);
        }
    }

    /// <summary>More from the queue for a slot that is at it.</summary>
    private void Refill(Slot slot)
    {
        while (scheduler.Dispatcher.OldestFor(slot) is QuickCall call && HasRoom(slot, call))
        {
            scheduler.Dispatcher.Dequeue(call);
            scheduler.Then(new(EffectKind.Offer, slot.Worker, call, Number: Place(slot, call)));
        }
    }

    private static double Estimate(QuickCall call) => call.Count * call.Function!.Duration.Estimate;

    // --- Done ---

    /// <summary>The worker is done with the call. <paramref name="failure"/>: how it failed; null for success, of which the caller is to be told.</summary>
    /// <returns>Whether it has succeeded, and is the slot's no more.</returns>
    public bool Finish(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit)
    {
        if (workerUnfit && failure is not null && call is BatchCall batch && batch.Slot is { } its && its.Worker == worker && its.HasQuick(batch))
        {
            // The item that made it unfit has its failure. What has not begun goes elsewhere.
            KeepRest(its, batch, worker);
            failure = batch.IsAnswered() ? null : Outcome.Failed(Killing.Meanwhile(batch));
        }
        if (!TryTakeOff(worker, call, ref failure, out Slot? slot))
            return false;
        if (workerUnfit)
        {
            scheduler.Records.Unfit(slot, worker, call, failure);
            Retire(slot);
            scheduler.Supervisor.Replace(slot, failure?.Failure);
        }
        else
        {
            GoOn(slot);
        }
        return failure is null;
    }

    /// <summary>The worker is done with the calls, which have their results. Those that stay in the list have succeeded, and are the slot's no more: their callers are to be told.</summary>
    public void Succeed(PoolWorker worker, List<QuickCall> calls)
    {
        int kept = 0;
        Slot? slot = null;
        for (int i = 0; i < calls.Count; i++)
        {
            Outcome? failure = null;
            if (!TryTakeOff(worker, calls[i], ref failure, out Slot? its))
                continue;
            slot = its;
            if (failure is null)
                calls[kept++] = calls[i];
        }
        calls.RemoveRange(kept, calls.Count - kept);
        if (slot?.Worker == worker)
            GoOn(slot);
    }

    /// <summary>Ends the call, which is the slot's no more. False: it was ended with its worker, or will be.</summary>
    private bool TryTakeOff(PoolWorker worker, QuickCall call, ref Outcome? failure, [NotNullWhen(true)] out Slot? slot)
    {
        slot = call.Slot;
        if (slot?.Worker != worker || !slot.HasQuick(call) || call.Supervision is { IsLookedAt: true })
            return false;
        if (failure is null && call.Supervision is { TimedOutAfter: not null })
            failure = Outcome.Cancelled;   // the timeout decides
        slot.Quick.Remove(call);
        scheduler.Deadlines.BeginNext(slot);
        slot.AheadMicroseconds = slot.Quick.Count == 0 ? 0 : slot.AheadMicroseconds - call.ExpectedMicroseconds;   // as it was placed: estimates change
        scheduler.Recycler.CountUse(slot, call.Count);
        if (failure is null)
            scheduler.Ledger.Succeed(call);
        else
            Fail(worker, call, failure);
        return true;
    }

    /// <summary>The slot has room for more.</summary>
    private void GoOn(Slot slot)
    {
        if (slot.Quick.Count == 0)
            scheduler.Dispatcher.Next(slot);
        Refill(slot);
    }

    private void Fail(PoolWorker worker, QuickCall call, Outcome failure)
    {
        Ledger.FindBegun(call);
        bool attended = call.IsAttended;
        scheduler.Ledger.End(call, failure);
        if (attended && call.State != CallState.Ended)
            scheduler.Then(new(EffectKind.WakeCaller, worker));   // it is tried again: who attends it waits for its end
    }

    // --- Back from a worker ---

    /// <summary>What was expected to be short takes its time, and others have nothing to do. What is done of it is there at once.</summary>
    public bool LastsLong(Slot slot, BatchCall slice, long begun)
    {
        if (begun < slice.First)
            return false;
        slice.Reap(begun - 1, isOver: false);
        slice.Progressed();
        return scheduler.Slots.AnyIdle && Environment.TickCount64 - slice.HandedOverAt >= LongMilliseconds && begun < slice.First + slice.Count - 1;
    }

    /// <summary>What the slot's worker has not begun goes elsewhere, if it can be recalled now.</summary>
    public void Recall(Slot slot)
    {
        if (slot.Worker is not { } worker || !worker.TryRecall(out long first, out long last))
            return;
        QuickCall[] back = [.. slot.Quick.Cast<QuickCall>().Where(call => call.First == 0 || (call.First >= first && call.Sequence <= last))];   // before more is placed
        BatchCall[] parted = [.. slot.Quick.OfType<BatchCall>().Where(b => b.First > 0 && b.First < first && b.Sequence >= first)];
        PutBack(slot, back);   // each to the head of the queue: the last first
        foreach (BatchCall begun in parted)
        {
            PutBackRest(begun, first - 1, isOver: false);
            if (begun.Supervision is not { IsLookedAt: true } && begun.IsAnswered())   // else it ends with its worker, which may have been stopped for that look
                FinishHere(slot, begun);
        }
        scheduler.Dispatcher.ServeIdle();
        if (slot.IsIdle)
            scheduler.Dispatcher.Next(slot);
    }

    /// <summary>All that is left of the batch was answered before the rest was split off.</summary>
    private void FinishHere(Slot slot, BatchCall batch)
    {
        slot.Quick.Remove(batch);
        scheduler.Ledger.Succeed(batch);
        scheduler.Then(new(EffectKind.Finish, Call: batch));
        if (slot.Quick.Count == 0 && slot.Ready)
            scheduler.Dispatcher.Next(slot);
    }

    /// <summary>A quick call that the worker had begun when it died; of a batch, the part that had. The rest goes back to the queue.</summary>
    public QuickCall? TakeBegun(Slot slot, PoolWorker worker)
    {
        if (slot.Quick.FirstOrDefault(worker.HasBegun) is not QuickCall begun)
            return null;
        slot.Quick.Remove(begun);
        if (begun is BatchCall batch)
            PutBackRest(batch, worker.LastBegun, isOver: true);
        Ledger.FindBegun(begun);
        return begun;
    }

    /// <summary>The worker is to be killed for an item: those that it has not begun go back to the queue.</summary>
    public void KeepRest(Slot slot, QuickCall call, PoolWorker worker)
    {
        if (call is not BatchCall batch)
            return;
        worker.Retire();   // it begins no more from here on
        PutBackBehind(slot, worker);
        PutBackRest(batch, worker.LastBegun, isOver: true);
    }

    /// <summary>What the worker was handed and has not begun goes back to the head of the queue: before what is left of what it has begun, so that this is before it.</summary>
    public void PutBackBehind(Slot slot, PoolWorker worker) => PutBack(slot, [.. slot.Quick.Cast<QuickCall>().Where(c => !worker.HasBegun(c))]);

    /// <summary>Takes all quick calls from a slot whose worker is to go. One that had begun ends with it.</summary>
    public void Retire(Slot slot)
    {
        PoolWorker worker = slot.Worker!;
        worker.Retire();
        PutBackBehind(slot, worker);
        while (TakeBegun(slot, worker) is { } begun)
            scheduler.Ledger.End(begun, Outcome.Failed(Killing.Meanwhile(begun)));
        TakeBack(slot, [.. slot.Quick.Cast<QuickCall>()]);
    }

    /// <summary>Quick calls of the slot go back to the head of the queue, in their order, and to who has nothing to do.</summary>
    public void TakeBack(Slot slot, QuickCall[] which)
    {
        PutBack(slot, which);
        scheduler.Dispatcher.ServeIdle();
    }

    private void PutBack(Slot slot, QuickCall[] which)
    {
        foreach (QuickCall call in which.AsEnumerable().Reverse())
        {
            slot.Quick.Remove(call);
            if (call.IsAttended)
                scheduler.Then(new(EffectKind.WakeCaller, slot.Worker));
            call.TakeBack();
            PutBack(call);
        }
        slot.AheadMicroseconds = slot.Quick.Count == 0 ? 0 : double.PositiveInfinity;
    }

    /// <summary>
    /// The items after the last that was begun become a call of their own; those of a slice one for each slot that has nothing else to do, and one for where they were: its items take longer
    /// than was expected.
    /// </summary>
    private void PutBackRest(BatchCall batch, long lastBegun, bool isOver)
    {
        batch.Reap(lastBegun - 1, isOver);
        if (batch.SplitOff(lastBegun) is not { } rest)
            return;
        int parts = batch.Slice is null ? 1 : 1 + scheduler.Slots.Count(static s => s.IsIdle);
        for (; parts > 1 && rest.Count >= parts; parts--)
        {
            int own = rest.Count / parts;
            if (rest.SplitAfter(rest.Count - own) is not { } part)
                break;
            scheduler.Ledger.CountIn();
            PutBack(part);
        }
        scheduler.Ledger.CountIn();
        PutBack(rest);
    }

    private void PutBack(QuickCall call)
    {
        if (call.CancelRequested || call is JoinedCalls { AllGivenUp: true })
            scheduler.Ledger.End(call, Outcome.Cancelled);
        else if (scheduler.Breaker.IsOpen)
            scheduler.Ledger.End(call, Outcome.Failed(scheduler.Breaker.Failure()));
        else
            Return(call);
    }

    private void Return(QuickCall call)
    {
        scheduler.Dispatcher.Enqueue(call, first: true);
        if (call is JoinedCalls joined)
            scheduler.Joiner.OnPutBack(joined);
    }
}
