using Kernmantle.Functions;

namespace Kernmantle.Scheduling;

/// <summary>
/// Workers that are ready beforehand: one takes a lost worker's place at once, and is itself replaced. They start after all others, so that
/// they keep nobody waiting.
/// </summary>
internal abstract partial class ScheduledPool
{
    private readonly List<Slot> spares = [];

    /// <summary>How many there shall be.</summary>
    private protected virtual int SpareCount => 0;

    /// <summary>Those that run now; those that start later get it with their start.</summary>
    private protected async Task WarmWorkersAsync(Function function)
    {
        PoolWorker[] workers;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(phase != Phase.Running, this);
            workers = [.. slots.Concat(spares).Select(static s => s.Worker).OfType<PoolWorker>()];
        }
        foreach (Task warmed in workers.Select(w => w.WarmAsync(function)).ToArray())
            await warmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // cancelled: the worker ended, and the one in its place starts warm
    }

    private void StartSpares()
    {
        for (int i = 0; i < SpareCount && phase == Phase.Running; i++)
        {
            int index = slots.Count + i;
            var spare = new Slot(index) { Name = NameOf(index), IsSpare = true };
            spares.Add(spare);
            StartWorker(spare, TimeSpan.Zero);
        }
    }

    /// <summary>The slot gets a spare's worker, with its name, and the spare's place a new one.</summary>
    private bool TryTakeSpare(Slot slot)
    {
        if (slot.IsSpare || spares.Find(static s => s.Ready) is not { } spare)
            return false;
        (slot.Name, spare.Name) = (spare.Name, slot.Name);
        slot.Worker = spare.Worker;
        slot.Readiness = spare.Readiness;
        slot.Wear = new(Clock.GetTimestamp(), 0, 0);   // it has done nothing: waiting does not count as wear
        slot.Ready = true;
        slot.StartFailures = 0;
        RecordReady(slot, spare: true);
        spare.Worker = null;
        StartWorker(spare, TimeSpan.Zero);
        return true;
    }
}
