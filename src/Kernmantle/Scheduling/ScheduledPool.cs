using System.Runtime.InteropServices;
using Kernmantle.Logging;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling;

/// <summary>
/// The one scheduler behind every kind of pool. It owns the queue, the slots and the life of every call; what differs
/// between kinds is the <see cref="PoolWorker"/>. Every transition happens under <see cref="gate"/>; user code and
/// whatever may block runs outside of it, as the <see cref="Action"/> that a transition returns.
/// </summary>
/// <remarks>
/// Invariants, under the lock: a slot has either one <see cref="Slot.Current"/>, whose state is Assigned or Begun, or any number of <see cref="Slot.Quick"/> ones, and beside
/// them begun ones that are <see cref="Slot.Interleaved"/>; a call in a
/// queue is Queued; an Ended call is in no slot and no queue; <see cref="live"/> counts the calls that have not ended.
/// </remarks>
internal abstract partial class ScheduledPool : WorkerPool, IWorkerOwner
{
    private readonly Lock gate = new();
    private readonly CallQueue queue = new();
    private readonly Stack<Slot> idle = new();
    private readonly List<Slot> slots = [];
    private readonly int pinnable;
    private int queued;
    private int live;

    private protected ScheduledPool(int workers, int pinnable, WorkerPoolOptions options, int interleaved = 1, RecyclingOptions? recycling = null)
        : base(options)
    {
        leastWorkers = LeastOf(options.MinWorkers, pinnable, nameof(options.MinWorkers));
        this.recycling = recycling;
        this.pinnable = pinnable;
        waitFrom = options.QueueFull == QueueFullMode.Wait ? options.QueueCapacity : int.MaxValue;
        WorkerCount = workers;
        Log = new DetachedLogger(options.Loggers, LogCategories.OfPool(options.Name));
        for (int i = 0; i < pinnable; i++)
            slots.Add(new Slot(i) { Name = NameOf(i), PinnedOnly = Grows, MaxInterleaved = interleaved, IsParked = i >= leastWorkers });
        parked = Math.Max(0, slots.Count - leastWorkers);
        UnobservedFailures.Watch();
    }

    public sealed override int WorkerCount { get; }

    /// <summary>Records may be written under the lock: no code of the user's runs there.</summary>
    private protected DetachedLogger Log { get; }

    private protected TimeProvider Clock => Options.TimeProvider;

    /// <summary>Whether a call that finds no idle slot gets a new one (the caller itself is the worker).</summary>
    private protected virtual bool Grows => false;

    /// <summary>How long decoding a call, and encoding its result, may take; infinite where neither is done.</summary>
    private protected virtual TimeSpan TransferTimeout => Timeout.InfiniteTimeSpan;

    private protected abstract PoolWorker CreateWorker(Slot slot, string name, int id);

    /// <summary>Runs a call that had to wait for its slot. Not on the caller's stack where workers run calls on it.</summary>
    private protected virtual void DispatchLater(PoolWorker worker, Call call) => worker.Dispatch(call);

    internal sealed override void Submit(Call call) => Submit(call, isAdmitted: false);

    private void Submit(Call call, bool isAdmitted)
    {
        Action? after;
        call.Limits = LimitsOf(call.Options);
        lock (gate)
        {
            CountIn(call, isAdmitted);
            after = Accept(call, isAdmitted);
            AssertInvariants();
        }
        Carry(after);
        if (call.Token.CanBeCanceled && call.State != CallState.Ended && call.Registration == default)
            WatchToken(call);
    }

    /// <summary>One that waited was counted when it began to.</summary>
    private void CountIn(Call call, bool isAdmitted)
    {
        if (isAdmitted)
            unadmitted--;
        else
            live++;
        if (call.HoldsPlace)
            held--;
    }

    private Action? Accept(Call call, bool isAdmitted)
    {
        if (call.State == CallState.Ended)
            return null;   // cancelled, or ended with the pool, while it was admitted
        if (phase != Phase.Running && !(isAdmitted && phase == Phase.Draining))
            return End(call, Outcome.Failed(new ObjectDisposedException(Options.Name, "The pool has been disposed of.")));
        if (broken is not null)
            return End(call, Outcome.Failed(Broken()));
        EnsureStarted();
        if (call.Options.Key is not null && call.InstanceId == 0)
            PinToKey(call);
        else if (call.Shape.ResultIsInstance && call.PinnedTo is null)
            call.PinnedTo = SlotForInstance();
        if (call.Generation != 0 && call.PinnedTo!.Generation != call.Generation)
            return End(call, Outcome.Failed(StateLost(call)));
        bool hasPlace = isAdmitted || call.HoldsPlace;
        bool mayPass = hasPlace || unadmitted == 0;
        if (mayPass && IdleSlotFor(call) is { } slot)
            return Assign(slot, call);
        if (hasPlace || (mayPass && (HasRoomFor(call.Count) || call.ReleasesInstance)))   // a call that frees an object makes room, and is never refused
            return Enqueue(call, first: false);
        if (Options.QueueFull == QueueFullMode.Fail)
            return End(call, Outcome.Failed(new QueueFullException(Options.QueueCapacity) { CallName = call.Name }));
        if (waiting.Count >= Options.MaxWaiting && !call.ReleasesInstance)
            return End(call, Outcome.Failed(new QueueFullException(Options.QueueCapacity, waiting.Count) { CallName = call.Name }));
        Line(new CallWaiter(call, isEncoded: true));
        return null;
    }

    private void PinToKey(Call call) => call.PinnedTo = slots[(int)((uint)call.KeyHash % (uint)pinnable)];

    private Slot? IdleSlotFor(Call call)
    {
        if (call.PinnedTo is { } pinned)
            return pinned.IsIdle && !pinned.IsHeldUp(call) ? pinned : null;
        while (idle.TryPop(out Slot? slot))
        {
            slot.IsListed = false;
            if (!slot.IsIdle)
                continue;
            if (slot.Interleaved.Count == 0)
                return slot;
            List(slot);   // the returned slot may differ from the one looked at; listed slots that are no longer idle are skipped
            return LeastInterleaved(slot);
        }
        return Grows ? Grow() : null;
    }

    private Slot LeastInterleaved(Slot idlest)
    {
        foreach (Slot slot in slots)
        {
            if (slot.IsIdle && !slot.PinnedOnly && slot.Interleaved.Count < idlest.Interleaved.Count)
                idlest = slot;
        }
        return idlest;
    }

    private Slot Grow()
    {
        var slot = new Slot(slots.Count) { Name = NameOf(slots.Count) };
        Prepare(slot);
        slots.Add(slot);
        return slot;
    }

    private Slot SlotForInstance()
    {
        Slot best = slots[0];
        foreach (Slot slot in CollectionsMarshal.AsSpan(slots)[1..pinnable])
        {
            if (slot.Instances < best.Instances || (slot.Instances == best.Instances && best.IsParked && !slot.IsParked))
                best = slot;
        }
        best.Instances++;
        return best;
    }

    private Action? Enqueue(Call call, bool first)
    {
        CallQueue target = call.PinnedTo?.Queue ?? queue;
        call.State = CallState.Queued;
        call.Slot = null;
        if (first)
            target.AddFirst(call);
        else
            target.AddLast(call);
        queued += call.Count;
        return parked == 0 ? null : GrowFor(call);
    }

    private void Dequeue(Call call)
    {
        if (call.Waiter is { } waiter)
        {
            Leave(waiter);
            unadmitted--;
        }
        if (call.Line is not { } line)
            return;   // it waited, or paused between two attempts
        line.Remove(call);
        queued -= call.Count;
    }

    private Action Assign(Slot slot, Call call, bool later = false)
    {
        PoolWorker worker = slot.Worker!;
        if (call is QuickCall quick && worker.TakesQuickCalls)
        {
            long place = Place(slot, quick);
            return () => worker.Offer(quick, place);
        }
        if (call is BatchCall batch)
        {
            batch.State = CallState.Ended;
            live--;
            Action scatter = () => batch.Scatter(this);
            return scatter + Next(slot);
        }
        slot.Current = call;
        slot.IsUsed = true;
        call.Slot = slot;
        call.State = CallState.Assigned;
        return later ? () => DispatchLater(worker, call) : () => worker.Dispatch(call);
    }

    /// <summary>The slot takes calls: the oldest that may run here, or none.</summary>
    private Action? Next(Slot slot)
    {
        if (recycling is not null && WhyWorn(slot) is { } why)
            return Recycle(slot, why);
        if (OldestFor(slot) is { } call)
        {
            Dequeue(call);
            return Assign(slot, call, later: true);
        }
        List(slot);
        if (IsElastic)
            Rest(slot);
        return null;
    }

    /// <summary>Of those that wait, the oldest that may run there.</summary>
    private Call? OldestFor(Slot slot)
    {
        Call? pinned = slot.Queue.First, shared = slot.PinnedOnly ? null : queue.First;
        if (pinned is not null && slot.IsHeldUp(pinned))
            pinned = FirstNotHeldUp(slot);
        return pinned is null || pinned.Id > shared?.Id ? shared : pinned;
    }

    private void List(Slot slot)
    {
        if (slot.PinnedOnly || slot.IsListed)
            return;
        slot.IsListed = true;
        idle.Push(slot);
    }

    private static Call? FirstNotHeldUp(Slot slot) => slot.Queue.FirstOrDefault(c => !slot.IsHeldUp(c));

    /// <summary>Quick calls, and items of a map, that its worker was handed and has not begun.</summary>
    private static int AheadOf(Slot slot)
    {
        long begun = slot.Worker?.LastBegun ?? 0, ahead = 0, all = 0;
        foreach (Call each in slot.Quick)
        {
            var call = (QuickCall)each;
            all += call.Count;
            ahead += call.First == 0 ? call.Count : Math.Clamp(call.First + call.Count - 1 - begun, 0, call.Count);
        }
        return (int)Math.Min(ahead, Math.Max(0, all - 1));   // one counts as running
    }

    private string NameOf(int index) => $"{Options.Name}-{index + 1}";

    public sealed override PoolStatistics Statistics
    {
        get
        {
            lock (gate)
            {
                int running = 0, workers = 0, ahead = 0;
                foreach (Slot slot in slots)
                {
                    running += (slot.Current is null && slot.Quick.Count == 0 ? 0 : 1) + slot.Interleaved.Count;
                    ahead += AheadOf(slot);
                    workers += slot.Ready ? 1 : 0;
                }
                return new()
                {
                    Workers = workers,
                    Queued = queued + ahead + waiting.Calls,
                    Waiting = waiting.Calls,
                    Running = running,
                    Completed = completed,
                    Failed = failed,
                    Cancelled = cancelled,
                    Retried = retried,
                    Replaced = replaced,
                    Recycled = recycled,
                    Spares = spares.Count(static s => s.Ready),
                    LostThreads = abandoned.Count,
                };
            }
        }
    }
}
