using System.Globalization;
using Kernmantle.Logging.Events;

namespace Kernmantle.Scheduling;

/// <summary>Workers that are well and are replaced nevertheless, by <see cref="RecyclingOptions"/>.</summary>
internal abstract partial class ScheduledPool
{
    private static readonly TimeSpan MemoryLooks = TimeSpan.FromMilliseconds(10);

    private readonly RecyclingOptions? recycling;
    private ITimer? ageTimer;
    private long recycled;

    /// <summary>Idle workers grow old too.</summary>
    private void WatchAge()
    {
        if (recycling?.Age is not { } age)
            return;
        TimeSpan period = TimeSpan.FromTicks(Math.Clamp(age.Ticks / 8, TimeSpan.TicksPerMillisecond * 100, TimeSpan.TicksPerMinute));
        ageTimer = Clock.CreateTimer(static state => ((ScheduledPool)state!).RecycleIdle(), this, period, period);
    }

    private void RecycleIdle()
    {
        PoolWorker[] used;
        lock (gate)
            used = [.. slots.Where(static s => s.Wear.Calls > 0 && s.Worker is not null).Select(static s => s.Worker!)];
        foreach (PoolWorker worker in used)
            LookAtMemory(worker);
        Action? after = null;
        lock (gate)
        {
            foreach (Slot slot in slots)
            {
                if (phase == Phase.Running && slot.IsIdle && slot.Interleaved.Count == 0 && WhyWorn(slot) is { } why)
                    after += Recycle(slot, why);
            }
        }
        Carry(after);
    }

    /// <summary>The reason for which the slot's worker, which runs nothing, is to be replaced; null for none.</summary>
    private string? WhyWorn(Slot slot)
    {
        if (recycling is null || phase != Phase.Running || slot.Instances > 0 || slot.Interleaved.Count > 0 || slot.Worker is not { } worker)
            return null;
        if (slot.Wear.Calls >= recycling.Calls)
            return string.Create(CultureInfo.InvariantCulture, $"it has run {slot.Wear.Calls} calls");
        if (recycling.Age is { } age && Clock.GetElapsedTime(slot.Wear.StartedAt) is var old && old >= age)
            return string.Create(CultureInfo.InvariantCulture, $"it is {old.TotalSeconds:F0} s old");
        if (recycling.MemoryGrowthBytes is not { } most || slot.Wear.Calls == 0)
            return null;
        long resident = worker.SeenResidentBytes;
        if (resident > 0 && slot.Wear.FirstResidentBytes == 0)
            slot.Wear = slot.Wear with { FirstResidentBytes = resident };
        long growth = resident - slot.Wear.FirstResidentBytes;
        return growth >= most ? string.Create(CultureInfo.InvariantCulture, $"it has {growth / 1048576.0:F1} MiB more resident than after its first call") : null;
    }

    /// <summary>After a call, outside of the lock, since the system is asked: how much the worker has resident, for <see cref="WhyWorn"/>.</summary>
    private void LookAtMemory(PoolWorker worker)
    {
        if (recycling?.MemoryGrowthBytes is not null)
            worker.LookAtMemory(Clock, MemoryLooks);
    }

    private void CountUse(Slot slot, long calls)
    {
        if (recycling is not null)
            slot.Wear = slot.Wear with { Calls = slot.Wear.Calls + calls };
    }

    private Action? Recycle(Slot slot, string why)
    {
        PoolEvents.WorkerRecycled(Log, slot.Name, slot.Worker?.ProcessId, why);
        return Replace(slot, null, well: true);
    }
}
