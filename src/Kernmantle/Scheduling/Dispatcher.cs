using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling;

/// <summary>Which call runs where, and when: the queues, and what goes from them to the slots.</summary>
internal sealed class Dispatcher(Scheduler scheduler)
{
    /// <summary>Calls that any slot may run; a slot has a queue of its own for those that it must.</summary>
    public CallQueue Queue { get; } = new();

    private int queued;

    /// <summary>Calls in all queues. May be looked at without the lock.</summary>
    public int Queued => Volatile.Read(ref queued);

    /// <summary>A call is submitted.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isAdmitted">It has waited for room, and there is some.</param>
    public void Accept(Call call, bool isAdmitted)
    {
        if (call.State == CallState.Ended)
            return;   // cancelled, or ended with the pool, while it was admitted
        Ledger ledger = scheduler.Ledger;
        if (scheduler.Shutdown.Refuses(isAdmitted || call.IsNested))
        {
            ledger.End(call, Outcome.Failed(scheduler.Shutdown.Refusal()));
            return;
        }
        if (scheduler.Breaker.IsOpen)
        {
            ledger.End(call, Outcome.Failed(scheduler.Breaker.Failure()));
            return;
        }
        scheduler.Supervisor.EnsureStarted();
        if (call.Options.Key is not null && call.InstanceId == 0)
            PinToKey(call);
        else if (call.Shape.ResultIsInstance && call.PinnedTo is null)
            call.PinnedTo = scheduler.Slots.ForInstance();
        if (call.Generation != 0 && call.PinnedTo!.Generation != call.Generation)
        {
            ledger.End(call, Outcome.Failed(StateLost(call)));
            return;
        }
        bool mayPass = (isAdmitted || call.IsNested || !scheduler.Admission.AnyWaits) && (call.IsNested || !WaitsForWorkerForItself);
        if (mayPass && scheduler.Slots.IdleFor(call) is { } slot)
            Assign(slot, call);
        else if (isAdmitted || call.IsNested || (mayPass && (scheduler.Admission.HasRoomFor(call.Places) || call.ReleasesInstance)))   // a call that frees an object makes room, and is never refused
            Enqueue(call, first: false);
        else
            scheduler.Admission.Line(call);
    }

    /// <summary>The oldest call wants a worker for itself: who came after it must not keep them all from being that.</summary>
    private bool WaitsForWorkerForItself => scheduler.Kind.MaxInterleaved > 1 && Queue.First is { Limits: not null };

    public void PinToKey(Call call) => call.PinnedTo = scheduler.Slots.ForKey(call.KeyHash);

    /// <summary>Nobody waits for what the call may run on, and that is there.</summary>
    public bool IsFirstInLine(QuickCall call)
    {
        if (call.PinnedTo is null && call.Options.Key is not null)
            PinToKey(call);
        return call.PinnedTo is { } pinned
            ? pinned.Queue.Count == 0 && (call.Generation == 0 || call.Generation == pinned.Generation)
            : Queue.Count == 0;
    }

    public void Enqueue(Call call, bool first)
    {
        if (!first && scheduler.Joiner.TryJoin(call))
            return;
        CallQueue target = call.PinnedTo?.Queue ?? Queue;
        Ledger.Queue(call);
        call.Watch?.BeginWait();
        if (first)
            target.AddFirst(call);
        else
            target.AddLast(call);
        queued += call.Places;
        scheduler.Elasticity.OnQueued(call);
    }

    public void Dequeue(Call call)
    {
        if (call.Waiter is { } waiter)
            scheduler.Admission.GiveUp(waiter);
        if (call.Line is not { } line)
            return;   // it waited, or paused between two attempts
        line.Remove(call);
        queued -= call.Places;
        scheduler.Joiner.OnDequeued(call);
    }

    /// <summary>Puts joined calls where the calls were that they consist of: before another one, or at the end.</summary>
    public void Insert(JoinedCalls calls, Call? before)
    {
        Ledger.Queue(calls);
        Queue.AddBefore(before, calls);
        queued += calls.Places;
    }

    /// <summary>One more has joined those at the end of the queue.</summary>
    public void CountJoined() => queued++;

    public void Assign(Slot slot, Call call, bool later = false)
    {
        PoolWorker worker = slot.Worker!;
        if (call is QuickCall quick && worker.TakesQuickCalls)
        {
            scheduler.Then(new(EffectKind.Offer, worker, call, Number: scheduler.Ahead.Place(slot, quick)));
            return;
        }
        if (call is BatchCall batch)
        {
            scheduler.Ledger.Dissolve(batch);
            scheduler.Then(new(EffectKind.Scatter, Call: batch));
            Next(slot);
            return;
        }
        slot.Current = call;
        slot.IsUsed = true;
        Ledger.Assign(call, slot);
        scheduler.Then(new(later ? EffectKind.DispatchLater : EffectKind.Dispatch, worker, call));
    }

    /// <summary>The slot takes calls: the oldest that may run here, or none.</summary>
    public void Next(Slot slot)
    {
        if (scheduler.Recycler.TryRecycle(slot))
            return;
        if (OldestFor(slot) is { } call && slot.HasItAlone(call))
        {
            Dequeue(call);
            Assign(slot, call, later: true);
            if (call.Limits is not null && slot.MaxInterleaved > 1)
                ServeIdle();   // those behind it waited for it, though not for its worker
            return;
        }
        scheduler.Slots.List(slot);
        scheduler.Elasticity.OnIdle(slot);
    }

    /// <summary>The slot takes calls, or has as many as may interleave.</summary>
    public void NextIfAny(Slot slot)
    {
        if (slot.IsIdle)
            Next(slot);
        else if (slot.MaxInterleaved > 1 && slot.Queue.FirstOrDefault(slot.Takes) is { } nested)
        {
            Dequeue(nested);
            Assign(slot, nested, later: true);
        }
    }

    /// <summary>Of those that wait, the oldest that may run there.</summary>
    public Call? OldestFor(Slot slot)
    {
        Call? pinned = slot.Queue.First, shared = slot.PinnedOnly ? null : Queue.First;
        if (pinned is not null && slot.IsHeldUp(pinned))
            pinned = FirstNotHeldUp(slot);
        return pinned is null || pinned.Id > shared?.Id ? shared : pinned;
    }

    /// <summary>By itself, since its closure would be made at every call of who calls it.</summary>
    private static Call? FirstNotHeldUp(Slot slot) => slot.Queue.FirstOrDefault(c => !slot.IsHeldUp(c));

    /// <summary>Idle slots take what is first in the queue.</summary>
    public void ServeIdle()
    {
        while (Queue.First is { } call && scheduler.Slots.IdleFor(call) is { } slot)
        {
            Dequeue(call);
            Assign(slot, call, later: true);
        }
    }

    /// <summary>A call that has waited before goes before those that came later.</summary>
    public void Requeue(Call call)
    {
        if (scheduler.Slots.IdleFor(call) is { } slot)
            Assign(slot, call, later: true);
        else
            Enqueue(call, first: true);
    }

    /// <summary>A call that was handed over but had not begun runs elsewhere, and its caller need not know.</summary>
    public void Move(Call call, Exception? cause)
    {
        if (call.CancelRequested)
            scheduler.Ledger.End(call, Outcome.Cancelled);
        else if (call.Generation != 0)
            scheduler.Ledger.End(call, Outcome.Failed(StateLost(call, cause)));
        else if (scheduler.Breaker.IsOpen)
            scheduler.Ledger.End(call, Outcome.Failed(scheduler.Breaker.Failure()));
        else
            Requeue(call);
    }

    /// <summary>Calls on objects that were lost with the slot's worker end.</summary>
    public void EndLost(Slot slot)
    {
        foreach (Call call in slot.Queue.Where(c => c.Generation != 0 && c.Generation != slot.Generation).ToArray())
        {
            Dequeue(call);
            scheduler.Ledger.End(call, Outcome.Failed(StateLost(call)));
        }
    }

    /// <summary>Calls in queues, and between two attempts, end.</summary>
    public void EndWaiting(Func<Exception> failure)
    {
        foreach (Call call in scheduler.Slots.SelectMany(static s => s.Queue).Concat(Queue).Concat(scheduler.Retries.Pausing).ToArray())
        {
            Dequeue(call);
            scheduler.Ledger.End(call, Outcome.Failed(failure()));
        }
        scheduler.Admission.EndAll(failure);
    }

    private static StateLostException StateLost(Call call, Exception? cause = null)
    {
        cause ??= call.PinnedTo!.CauseOf(call.Generation);
        return new($"The object that {call.Name} was called on is gone with its worker{(cause is null ? "." : $": {cause.Message}")}", cause) { CallName = call.Name };
    }
}
