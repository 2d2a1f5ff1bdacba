using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling;

/// <summary>
/// Quick calls: a worker gets several in advance, as long as what it then has is known to be short, so that neither side waits for the
/// other between two of them. What a worker has not begun can be taken back.
/// </summary>
internal abstract partial class ScheduledPool
{
    /// <summary>Slots looked at for a place ahead: enough to find one, few enough to cost nothing where there are hundreds.</summary>
    private const int Candidates = 8;

    [ThreadStatic]
    private static List<(PoolWorker Worker, QuickCall Call, long Place)>? offers;

    private int nextCandidate;

    /// <summary>Submits a call. Returns the worker it was given to as its only call; null if it has to wait, or waits behind another one.</summary>
    internal sealed override PoolWorker? SubmitQuick(QuickCall call, bool attend) => SubmitQuick(call, attend, isAdmitted: false);

    private PoolWorker? SubmitQuick(QuickCall call, bool attend, bool isAdmitted)
    {
        Action? after = null;
        PoolWorker? worker = null;
        bool alone = false;
        long ticket = 0;
        call.Limits = LimitsOf(call.Options);
        lock (gate)
        {
            CountIn(call, isAdmitted);
            if (phase == Phase.Running && broken is null && starting && (unadmitted == 0 || isAdmitted || call.HoldsPlace) && call.State != CallState.Ended && IsFirstInLine(call))
            {
                Slot? slot = IdleSlotFor(call);
                alone = slot is { Worker.TakesQuickCalls: true };
                if ((slot ?? SlotAheadFor(call)) is { Worker.TakesQuickCalls: true } place)
                {
                    worker = place.Worker;
                    call.IsAttended = alone && attend;
                    ticket = Place(place, call);
                }
                else
                {
                    after = slot is null ? Accept(call, isAdmitted) : Assign(slot, call);
                }
            }
            else
            {
                after = Accept(call, isAdmitted);
            }
        }
        after?.Invoke();
        worker?.Offer(call, ticket);
        return alone ? worker : null;
    }

    /// <summary>Nobody waits for what it may run on, and that is there.</summary>
    private bool IsFirstInLine(QuickCall call)
    {
        if (call.PinnedTo is null && call.Options.Key is not null)
            PinToKey(call);
        return call.PinnedTo is { } pinned
            ? pinned.Queue.Count == 0 && (call.Generation == 0 || call.Generation == pinned.Generation)
            : queue.Count == 0;
    }

    public void OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit = false)
    {
        LookAtMemory(worker);
        Action? after = null;
        lock (gate)
        {
            if (call.Slot is not { } slot || slot.Worker != worker || call.Line != slot.Quick || call.Supervision is { IsLookedAt: true })
                return;   // it was ended with its worker, or will be
            if (failure is null && call.Supervision is { TimedOutAfter: not null })
                failure = Outcome.Cancelled;   // the timeout decides
            slot.Quick.Remove(call);
            TimeNext(slot);
            slot.AheadMicroseconds = slot.Quick.Count == 0 ? 0 : slot.AheadMicroseconds - Estimate(call);
            CountUse(slot, call.Count);
            if (failure is not null)
            {
                call.State = CallState.Begun;
                bool attended = call.IsAttended;
                after = End(call, failure);
                if (attended && call.State != CallState.Ended)
                    after += worker.WakeCaller;   // it is tried again: who attends it waits for its end
            }
            else
            {
                call.State = CallState.Ended;
                call.Timer?.Dispose();
                call.Registration.Unregister();
                live--;
                completed += call.Count - call.FailedItems;
                failed += call.FailedItems;
                SignalIfDrained();
            }
            if (workerUnfit)
                RecordUnfit(slot, worker, call, failure);
            after += workerUnfit ? Retire(slot) + Replace(slot, failure?.Failure)
                : slot.Quick.Count == 0 ? Next(slot)
                : null;
            if (!workerUnfit)
                Refill(slot);
        }
        if (failure is null)
            call.Finish();
        Carry(after);
        Offer();
    }

    /// <summary>
    /// From time to time: a slot that has begun nothing since the last look holds up calls that it was given because the one before them was
    /// expected to be short. They go elsewhere.
    /// </summary>
    private protected void RelieveStuckSlots()
    {
        Action? after = null;
        lock (gate)
        {
            foreach (Slot slot in slots)
            {
                if (slot.Quick.Count == 0 || slot.Worker is not { } worker)
                    continue;
                long begun = worker.LastBegun;
                bool runs = slot.Quick.OfType<QuickCall>().Any(call => call.First > 0 && call.First <= begun);
                if (runs && begun == slot.SeenBegun && slot.Quick.OfType<QuickCall>().Any(call => call.Sequence > begun))
                    after += Recall(slot);
                slot.SeenBegun = begun;
                after += EndStuckTransfer(slot, worker, begun);
            }
        }
        Carry(after);
    }

    /// <summary>A quick call that has been decoded, or whose result has been encoded, for too long: its function is not to blame, and it has no timer.</summary>
    private Action? EndStuckTransfer(Slot slot, PoolWorker worker, long begun)
    {
        if (TransferTimeout == Timeout.InfiniteTimeSpan)
            return null;
        if (slot.Quick.FirstOrDefault(c => worker.HasBegun(c) && ((QuickCall)c).Sequence >= begun) is not QuickCall call)
            return EndStuckBegin(slot, worker, begun);
        Overrun part = worker.PartOf(begun);
        if (part == Overrun.Function || (slot.Generation, begun, part) != slot.SeenTransfer)
        {
            (slot.SeenTransfer, slot.TransferSince) = ((slot.Generation, begun, part), Clock.GetTimestamp());
            return null;
        }
        if (Clock.GetElapsedTime(slot.TransferSince) < TransferTimeout)
            return null;
        slot.Quick.Remove(call);
        Action? after = KeepRest(call, worker);
        after += worker.Kill;
        string text = CallTimeoutException.TextOf(call.Name, part, TransferTimeout, "Its worker was killed and replaced.");
        after += End(call, Outcome.Failed(new CallTimeoutException(text, TransferTimeout, stillRunning: false, isTransfer: true)));
        after += Retire(slot);
        after += Replace(slot, null);
        return after;
    }

    /// <summary>A worker that has nothing else to do and does not begin a call hangs, or was stopped: the call goes elsewhere.</summary>
    private Action? EndStuckBegin(Slot slot, PoolWorker worker, long begun)
    {
        if (slot.Quick.First is not QuickCall { First: > 0 } call || call.First <= begun)
            return null;   // an answer that is still to be heard
        if ((slot.Generation, begun, Overrun.None) != slot.SeenTransfer)
        {
            (slot.SeenTransfer, slot.TransferSince) = ((slot.Generation, begun, Overrun.None), Clock.GetTimestamp());
            return null;
        }
        if (Clock.GetElapsedTime(slot.TransferSince) < TransferTimeout)
            return null;
        var cause = new WorkerCrashedException($"{slot.Name} did not begin {call.Name} within {TransferTimeout}. It was killed and replaced.", CrashReason.Killed, null, null, [], ["Its process was stopped, or gets no processor."]) { WorkerName = slot.Name };
        RecordKill(slot, worker, call, Outcome.Failed(cause));
        Action? after = worker.Kill;
        if (PoisonBefore(call, cause) is { } poison)
        {
            slot.Quick.Remove(call);
            after += End(call, Outcome.Failed(poison));
        }
        after += Retire(slot);
        after += Replace(slot, cause);
        return after;
    }

    /// <summary>Returns its place, by which it is to be offered.</summary>
    private long Place(Slot slot, QuickCall call)
    {
        slot.Quick.AddLast(call);
        slot.IsUsed = true;
        if (parked > 0 && slot.Quick.Count > 1 && call.PinnedTo is null)
            WatchDemand();
        slot.AheadMicroseconds += Estimate(call);
        call.Slot = slot;
        call.State = CallState.Assigned;
        call.HandedOverAt = Environment.TickCount64;   // some nanoseconds, and exact to some milliseconds
        if (call.IsTimed)
            Time(slot, call);
        return ++slot.Worker!.Placed;
    }

    private Slot? SlotAheadFor(QuickCall call)
    {
        if (double.IsPositiveInfinity(call.Function!.Duration.Estimate) || call.NeedsWorkerForItself)
            return null;
        if (call.PinnedTo is { } pinned)
            return HasRoomAhead(pinned, call) ? pinned : null;
        for (int i = 0; i < Math.Min(Candidates, slots.Count); i++)
        {
            nextCandidate = (nextCandidate + 1) % slots.Count;
            if (slots[nextCandidate].Queue.Count == 0 && HasRoomAhead(slots[nextCandidate], call))
                return slots[nextCandidate];
        }
        return null;
    }

    private bool HasRoomAhead(Slot slot, QuickCall call) =>
        slot.Quick.Count is > 0 and < CallDuration.MaxDepth
        && slot.Ready
        && !call.NeedsWorkerForItself
        && slot.Quick.First is QuickCall { NeedsWorkerForItself: false }
        && (recycling?.Calls is not { } most || slot.Wear.Calls < most)
        && slot.Worker!.TakesQuickCalls
        && slot.AheadMicroseconds <= CallDuration.Ahead
        && slot.AheadMicroseconds + Estimate(call) <= 2 * CallDuration.Ahead;

    /// <summary>More from the queue for a slot that is at it, to be offered by <see cref="Offer"/> outside of the lock.</summary>
    private void Refill(Slot slot)
    {
        while (OldestFor(slot) is QuickCall call && HasRoomAhead(slot, call))
        {
            Dequeue(call);
            (offers ??= []).Add((slot.Worker!, call, Place(slot, call)));
        }
    }

    private static void Offer()
    {
        if (offers is not { Count: > 0 } mine)
            return;
        offers = null;
        foreach ((PoolWorker worker, QuickCall call, long place) in mine)
            worker.Offer(call, place);
        mine.Clear();
        offers = mine;
    }

    private static double Estimate(QuickCall call) => call.Count * call.Function!.Duration.Estimate;

    /// <summary>What the slot's worker has not begun goes elsewhere, if it can be recalled now.</summary>
    private Action? Recall(Slot slot)
    {
        if (slot.Worker is not { } worker || !worker.TryRecall(out long first, out long last))
            return null;
        QuickCall[] back = [.. slot.Quick.Cast<QuickCall>().Where(call => call.First == 0 || (call.First >= first && call.Sequence <= last))];   // before more is placed
        Action? after = null;
        foreach (BatchCall begun in slot.Quick.OfType<BatchCall>().Where(b => b.First > 0 && b.First < first && b.Sequence >= first).ToArray())
        {
            after += PutBackRest(begun, first - 1);
            if (begun.IsAnswered())
                after += FinishHere(slot, begun);
        }
        after += TakeBack(slot, back);
        return slot.IsIdle ? after + Next(slot) : after;
    }

    /// <summary>All that is left of the batch was answered before the rest was split off.</summary>
    private Action? FinishHere(Slot slot, BatchCall batch)
    {
        slot.Quick.Remove(batch);
        batch.State = CallState.Ended;
        live--;
        completed += batch.Count - batch.FailedItems;
        failed += batch.FailedItems;
        SignalIfDrained();
        Action after = batch.Finish;
        return slot.Quick.Count == 0 && slot.Ready ? after + Next(slot) : after;
    }

    /// <summary>A quick call that the worker had begun when it died; of a batch, the part that had. The rest goes back to the queue.</summary>
    private QuickCall? TakeBegun(Slot slot, PoolWorker worker, ref Action? after)
    {
        if (slot.Quick.FirstOrDefault(worker.HasBegun) is not QuickCall begun)
            return null;
        slot.Quick.Remove(begun);
        if (begun is BatchCall batch)
            after += PutBackRest(batch, worker.LastBegun);
        begun.State = CallState.Begun;
        return begun;
    }

    private static WorkerCrashedException KilledMeanwhile(Call call) =>
        new($"{call.Name} had begun on a worker that was killed for another call.", CrashReason.Killed, null, null, [], ["Another call on the same worker was cancelled, took too long, or ran out of memory."]);

    /// <summary>While evidence was taken of an item that took too long, it ended, and the next one began, which ends with the worker and is not to blame.</summary>
    private static bool IsPast(QuickCall call, CallSupervision supervision, PoolWorker worker)
    {
        if (call is not BatchCall || supervision.TimedOutItem >= worker.LastBegun)
            return false;
        supervision.TimedOutAfter = null;
        return true;
    }

    /// <summary>The worker is to be killed for an item: those that it has not begun go back to the queue.</summary>
    private Action? KeepRest(QuickCall call, PoolWorker worker)
    {
        if (call is not BatchCall batch)
            return null;
        worker.Retire();   // it begins no more from here on
        return PutBackRest(batch, worker.LastBegun);
    }

    /// <summary>The items after the last that was begun become a call of their own.</summary>
    private Action? PutBackRest(BatchCall batch, long lastBegun)
    {
        if (batch.SplitOff(lastBegun) is not { } rest)
            return null;
        live++;
        return PutBack(rest);
    }

    private Action? PutBack(QuickCall call)
    {
        if (call.CancelRequested)
            return End(call, Outcome.Cancelled);
        if (broken is not null)
            return End(call, Outcome.Failed(Broken()));
        return Enqueue(call, first: true);
    }

    /// <summary>Takes all quick calls from a slot whose worker is to go. One that had begun ends with it.</summary>
    private Action? Retire(Slot slot)
    {
        PoolWorker worker = slot.Worker!;
        worker.Retire();
        Action? after = null;
        while (TakeBegun(slot, worker, ref after) is { } begun)
        {
            after += End(begun, Outcome.Failed(KilledMeanwhile(begun)));
        }
        return after + TakeBack(slot, [.. slot.Quick.Cast<QuickCall>()]);
    }

    /// <summary>Quick calls of the slot go back to the head of the queue, in their order.</summary>
    private Action? TakeBack(Slot slot, QuickCall[] which)
    {
        Action? after = null;
        foreach (QuickCall call in which.AsEnumerable().Reverse())
        {
            slot.Quick.Remove(call);
            if (call.IsAttended)
                after += slot.Worker!.WakeCaller;
            call.TakeBack();
            after += PutBack(call);
        }
        slot.AheadMicroseconds = slot.Quick.Count == 0 ? 0 : double.PositiveInfinity;
        while (queue.First is QuickCall call && IdleSlotFor(call) is { } idleSlot)
        {
            Dequeue(call);
            after += Assign(idleSlot, call, later: true);
        }
        return after;
    }

    /// <summary>
    /// The caller gives the call up: what has not begun ends at once; what has gets its token cancelled, and its worker killed if it does
    /// not follow within the grace.
    /// </summary>
    internal sealed override void CancelQuick(QuickCall call, CancellationToken token)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.State == CallState.Ended || call.CancelRequested)
                return;
            Volatile.ReadBarrier();
            if (call.Token != token)
                return;   // it had ended, and the object is another call, whose token is another one: with this one, which is cancelled, no call is made
            call.CancelRequested = true;
            if (call.Slot is { Worker: { } running } slot && call.Line == slot.Quick)
            {
                if (!running.HasBegun(call) || call.Count > 1)
                    after = Recall(slot);
                if (call.Line == slot.Quick)
                    after += CancelBegun(slot, running, call);
            }
            else if (call.State == CallState.Queued)
            {
                Dequeue(call);
                after = End(call, Outcome.Cancelled);
            }
            else
            {
                call.CancelRequested = false;   // it was handed over as a frame meanwhile
                after = () => OnCancelRequested(call);
            }
        }
        Carry(after);
    }

    internal sealed override void WatchQuick(QuickCall call)
    {
        call.Pool = this;
        CancellationTokenRegistration registration = call.Token.UnsafeRegister(static (state, token) => ((QuickCall)state!).Pool!.CancelQuick((QuickCall)state, token), call);
        lock (gate)
        {
            if (call.State != CallState.Ended)
            {
                call.Registration = registration;
                return;
            }
        }
        registration.Unregister();
    }

    private Action CancelBegun(Slot slot, PoolWorker worker, QuickCall call)
    {
        if (Options.KillGrace > TimeSpan.Zero)
        {
            return AskQuick(slot, worker, call, Options.KillGrace);
        }
        return KillQuick(slot, call, Outcome.Cancelled);
    }

    /// <summary>Cancels the token of the begun call; its worker is killed if it has not ended after the grace.</summary>
    private Action AskQuick(Slot slot, PoolWorker worker, QuickCall call, TimeSpan grace)
    {
        long id = call.Id;
        Arm(call, grace, () => OnQuickGraceOver(slot, call, id));
        return () => worker.CancelQuick(call);
    }

    private void OnQuickGraceOver(Slot slot, QuickCall call, long id)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.Id == id && call.Line == slot.Quick)
                after = call.Supervision?.TimedOutAfter is null ? KillQuick(slot, call, Outcome.Cancelled) : KillQuickForTimeout(slot, call);
        }
        Carry(after);
    }

    private Action KillQuick(Slot slot, QuickCall call, Outcome outcome)
    {
        call.Supervision?.GivenUp = true;
        slot.Quick.Remove(call);
        Action? after = KeepRest(call, slot.Worker!);
        if (call.Supervision is { TimedOutAfter: { } timeout } supervision)
            outcome = Outcome.Failed(IsPast(call, supervision, slot.Worker!) ? KilledMeanwhile(call) : TimeoutOf(call, timeout, supervision));
        RecordKill(slot, slot.Worker!, call, outcome);
        after += slot.Worker!.Kill;
        after += End(call, outcome);
        after += Retire(slot);
        after += Replace(slot, outcome.Failure ?? NotFollowed(slot, call));
        return after;
    }
}
