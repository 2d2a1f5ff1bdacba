using System.Globalization;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Scheduling;

/// <summary>Workers that are well and are replaced nevertheless, by <see cref="RecyclingOptions"/>.</summary>
internal sealed class Recycler(Scheduler scheduler) : IDisposable
{
    private static readonly TimeSpan MemoryLooks = TimeSpan.FromMilliseconds(10);

    private readonly RecyclingOptions? options = scheduler.Kind.Recycling;
    private ITimer? timer;

    public void Dispose() => timer?.Dispose();

    /// <summary>Idle workers grow old too.</summary>
    public void WatchAge()
    {
        if (options?.Age is not { } age)
            return;
        TimeSpan period = TimeSpan.FromTicks(Math.Clamp(age.Ticks / 8, TimeSpan.TicksPerMillisecond * 100, TimeSpan.TicksPerMinute));
        timer = scheduler.Clock.CreateTimer(static state => ((Recycler)state!).RecycleIdle(), this, period, period);
    }

    private void RecycleIdle()
    {
        PoolWorker[] used;
        lock (scheduler.Gate)
            used = [.. scheduler.Slots.Where(static s => s.Wear.Calls > 0 && s.Worker is not null).Select(static s => s.Worker!)];
        foreach (PoolWorker worker in used)
            LookAtMemory(worker);
        using var transition = new Transition(scheduler);
        foreach (Slot slot in scheduler.Slots)
        {
            if (slot.IsIdle)
                TryRecycle(slot);
        }
    }

    /// <summary>Replaces the slot's worker, which runs nothing, if it is time for that.</summary>
    public bool TryRecycle(Slot slot)
    {
        if ((options is null && !slot.IsToBeRecycled) || WhyWorn(slot) is not { } why)
            return false;
        slot.IsToBeRecycled = false;
        PoolEvents.WorkerRecycled(scheduler.Log, slot.Name, slot.Worker?.ProcessId, why);
        scheduler.Supervisor.Replace(slot, null, well: true);
        return true;
    }

    /// <summary>The worker may be given a call more in advance.</summary>
    public bool LeavesRoom(Slot slot) => !slot.IsToBeRecycled && (options?.Calls is not { } most || slot.Wear.Calls < most);

    /// <summary>The reason for which the slot's worker, which runs nothing, is to be replaced; null for none.</summary>
    private string? WhyWorn(Slot slot)
    {
        if (scheduler.Shutdown.HasBegun || slot.Instances > 0 || slot.Interleaved.Count > 0 || slot.Worker is not { } worker)
            return null;
        if (slot.IsToBeRecycled)
            return "somebody has asked for it";
        if (options is null)
            return null;
        if (slot.Wear.Calls >= options.Calls)
            return string.Create(CultureInfo.InvariantCulture, $"it has run {slot.Wear.Calls} calls");
        if (options.Age is { } age && scheduler.Clock.GetElapsedTime(slot.Wear.StartedAt) is var old && old >= age)
            return string.Create(CultureInfo.InvariantCulture, $"it is {old.TotalSeconds:F0} s old");
        if (options.MemoryGrowthBytes is not { } most || slot.Wear.Calls == 0)
            return null;
        long resident = worker.SeenResidentBytes;
        if (resident > 0 && slot.Wear.FirstResidentBytes == 0)
            slot.Wear = slot.Wear with { FirstResidentBytes = resident };
        long growth = resident - slot.Wear.FirstResidentBytes;
        return growth >= most ? string.Create(CultureInfo.InvariantCulture, $"it has {growth / 1048576.0:F1} MiB more resident than after its first call") : null;
    }

    /// <summary>After a call, outside of the lock, since the system is asked: how much the worker has resident.</summary>
    public void LookAtMemory(PoolWorker worker)
    {
        if (options?.MemoryGrowthBytes is not null)
            worker.LookAtMemory(scheduler.Clock, MemoryLooks);
    }

    public void CountUse(Slot slot, long calls)
    {
        if (options is not null || Watch.IsOn)
            slot.Wear = slot.Wear with { Calls = slot.Wear.Calls + calls };
    }
}
