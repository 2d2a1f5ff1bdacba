using System.Collections;
using System.Runtime.InteropServices;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>The places of the workers, and which of them are idle. Spares are not among them: see <see cref="Spares"/>.</summary>
internal sealed class SlotTable : IReadOnlyList<Slot>
{
    private readonly Scheduler scheduler;
    private readonly List<Slot> slots = [];

    /// <summary>May hold slots that are no longer idle: those are skipped.</summary>
    private readonly Stack<Slot> idle = new();

    /// <summary>How many there are from the beginning: keys and objects are spread among these.</summary>
    private readonly int pinnable;

    public SlotTable(Scheduler scheduler, int pinnable, int leastWorkers)
    {
        this.scheduler = scheduler;
        this.pinnable = pinnable;
        WorkerKind kind = scheduler.Kind;
        for (int i = 0; i < pinnable; i++)
            slots.Add(new Slot(i) { Name = NameOf(i), PinnedOnly = kind.CallerIsWorker, MaxInterleaved = kind.MaxInterleaved, IsParked = i >= leastWorkers });
    }

    public int Count => slots.Count;

    public Slot this[int index] => slots[index];

    public List<Slot>.Enumerator GetEnumerator() => slots.GetEnumerator();

    IEnumerator<Slot> IEnumerable<Slot>.GetEnumerator() => slots.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => slots.GetEnumerator();

    public string NameOf(int index) => $"{scheduler.Options.Name}-{index + 1}";

    public Slot? Find(Predicate<Slot> which) => slots.Find(which);

    public bool Any(Predicate<Slot> which) => slots.Exists(which);

    /// <summary>The slot that all calls with a key of that hash code run on.</summary>
    public Slot ForKey(int hash) => slots[(int)((uint)hash % (uint)pinnable)];

    /// <summary>The slot where a new object shall live: that with the fewest. Counts it in.</summary>
    public Slot ForInstance()
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

    /// <summary>An idle slot that may run the call; null for none. It is the caller's: it is no longer listed as idle.</summary>
    public Slot? IdleFor(Call call)
    {
        if (call.PinnedTo is { } pinned)
            return pinned.Takes(call) ? pinned : null;
        if (call is QuickCall { ExpectedBy: { IsIdle: true } expected })
            return expected;
        if (call.Limits is not null && scheduler.Kind.MaxInterleaved > 1)
            return IdleAndAlone(call);
        while (idle.TryPop(out Slot? slot))
        {
            slot.IsListed = false;
            if (!slot.IsIdle)
                continue;
            if (slot.Interleaved.Count == 0)
                return slot;
            List(slot);   // the returned slot may differ from the one looked at
            return LeastInterleaved(slot);
        }
        return scheduler.Kind.CallerIsWorker ? Grow() : null;
    }

    /// <summary>By itself, since its closure would be made at every call of who calls it.</summary>
    private Slot? IdleAndAlone(Call call) => slots.Find(slot => slot.IsIdle && slot.HasItAlone(call));

    /// <summary>The slot that will take the call, most probably: its own, or an idle one that expects no other, or the only one. Null if that cannot be told.</summary>
    public Slot? ExpectedFor(Call call)
    {
        if (call.PinnedTo is { } pinned)
            return pinned;
        if (call.Options.Key is not null)
            return ForKey(call.KeyHash);
        foreach (Slot slot in idle)
        {
            if (slot.IsIdle && slot.Expected == 0)
                return slot;
        }
        return slots.Count == 1 ? slots[0] : null;
    }

    /// <summary>The slot is idle.</summary>
    public void List(Slot slot)
    {
        if (slot.PinnedOnly || slot.IsListed)
            return;
        slot.IsListed = true;
        idle.Push(slot);
    }

    /// <summary>Some slots are listed as idle: most probably they are.</summary>
    public bool AnyListed => idle.Count > 0;

    /// <summary>A call that may run anywhere finds a slot.</summary>
    public bool AnyIdle => scheduler.Kind.CallerIsWorker || slots.Exists(static s => s.IsIdle && !s.PinnedOnly);

    public int CountIdle()
    {
        int count = 0;
        foreach (Slot slot in slots)
            count += slot.IsIdle ? 1 : 0;
        return count;
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
        scheduler.Supervisor.Prepare(slot);
        slots.Add(slot);
        return slot;
    }
}
