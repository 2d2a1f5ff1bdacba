using System.Diagnostics;
using Kernmantle.Chaos.Calls;

namespace Kernmantle.Chaos.Faults;

/// <summary>Does to the workers of a round what its plan says.</summary>
internal sealed class Saboteur(Random random, PoolSlots pools, FaultLog log, string folder)
{
    private const int SigKill = 9, SigCont = 18, SigStop = 19;

    /// <summary>No more of <c>/dev/shm</c> is taken, and never more than half of what is free.</summary>
    private const long MostSharedMemory = 512L << 20;

    private readonly List<Task> lasting = [];

    /// <summary>Until it is told to stop. Completes when everything that lasts is over: nobody is stopped any more, nothing is filled.</summary>
    public async Task WorkAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            FaultPlan plan = FaultPlan.Draw(random);
            await Task.Delay(plan.Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested)
                Do(plan);
            lasting.RemoveAll(static t => t.IsCompletedSuccessfully);
        }
        await Task.WhenAll(lasting);
    }

    private void Do(FaultPlan plan)
    {
        switch (plan.Kind)
        {
            case FaultKind.Kill:
                if (Pick(plan) is { } victim)
                    Kill(FaultKind.Kill, victim);
                break;
            case FaultKind.KillAll:
                foreach (Child worker in Everybody())
                    Kill(FaultKind.KillAll, worker);
                break;
            case FaultKind.Stop or FaultKind.StopThenKill:
                if (Pick(plan) is { } stopped)
                    lasting.Add(StopAsync(plan, stopped));
                break;
            case FaultKind.Nice:
                if (Pick(plan) is { } slow)
                    lasting.Add(NiceAsync(plan, slow));
                break;
            case FaultKind.Starve:
                lasting.Add(Task.WhenAll(Enumerable.Range(0, plan.Size).Select(_ => Task.Factory.StartNew(() => Burn(plan), TaskCreationOptions.LongRunning))));
                break;
            case FaultKind.FillSharedMemory:
                lasting.Add(Task.Run(() => FillAsync(plan)));
                break;
            case FaultKind.Dispose:
                lasting.Add(ReplaceAsync(plan, []));
                break;
            default:
                lasting.Add(ReplaceAsync(plan, Everybody()));
                break;
        }
    }

    /// <summary>Also workers that are still starting.</summary>
    private static Child? Pick(FaultPlan plan)
    {
        List<ProcFiles.Stat> children = ProcFiles.ChildrenOfThis();
        return children.Count == 0 ? null : Child.TryOpen(children[plan.Target % children.Count].Id);
    }

    private static List<Child> Everybody() => [.. ProcFiles.ChildrenOfThis().Select(static c => Child.TryOpen(c.Id)).OfType<Child>()];

    private void Kill(FaultKind kind, Child victim)
    {
        using (victim)
        {
            long from = Stopwatch.GetTimestamp();
            log.WillKill(victim.Id);
            victim.Signal(SigKill);
            log.Add(kind, victim.Id, from);
        }
    }

    private async Task StopAsync(FaultPlan plan, Child victim)
    {
        long from = Stopwatch.GetTimestamp();
        log.WillSlow(victim.Id);
        victim.Signal(SigStop);
        await Task.Delay(plan.Lasts);
        if (plan.Kind == FaultKind.Stop)
        {
            victim.Signal(SigCont);
            log.Add(FaultKind.Stop, victim.Id, from);
            victim.Dispose();
        }
        else
        {
            log.Add(FaultKind.StopThenKill, victim.Id, from);
            Kill(FaultKind.Kill, victim);
        }
    }

    private async Task NiceAsync(FaultPlan plan, Child victim)
    {
        using (victim)
        {
            long from = Stopwatch.GetTimestamp();
            log.WillSlow(victim.Id);
            victim.Nice(19);
            await Task.Delay(plan.Lasts);
            victim.Nice(0);   // without the right to, it stays as it is
            log.Add(FaultKind.Nice, victim.Id, from);
        }
    }

    private void Burn(FaultPlan plan)
    {
        long from = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(from) < plan.Lasts)
            Thread.SpinWait(1000);
        log.Add(FaultKind.Starve, 0, from);
    }

    private async Task FillAsync(FaultPlan plan)
    {
        long from = Stopwatch.GetTimestamp();
        string path = Path.Combine(folder, $"kernmantle-chaos-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            long bytes = Math.Min(MostSharedMemory, new DriveInfo(folder).AvailableFreeSpace / 2);
            await using (FileStream file = File.Create(path, 1, FileOptions.DeleteOnClose))
            {
                byte[] block = new byte[1 << 20];
                for (long written = 0; written < bytes; written += block.Length)
                    await file.WriteAsync(block);
                await Task.Delay(plan.Lasts);
            }
        }
        catch (IOException)
        {
            // Full: as full as others let it be.
        }
        log.Add(FaultKind.FillSharedMemory, 0, from);
    }

    /// <summary>Ends a pool in the midst of everything, perhaps while none of its workers can answer.</summary>
    private async Task ReplaceAsync(FaultPlan plan, List<Child> stopped)
    {
        long from = Stopwatch.GetTimestamp();
        foreach (Child child in stopped)
        {
            log.WillSlow(child.Id);
            child.Signal(SigStop);
        }
        int slot = plan.Target % pools.Count;
        string name = pools[slot].Name;
        Task ended = pools.ReplaceAsync(slot, plan.Drain);
        if (stopped.Count > 0)
        {
            await Task.Delay(plan.Lasts);
            foreach (Child child in stopped)
            {
                child.Signal(SigCont);
                child.Dispose();
            }
        }
        await ended;
        log.Add(plan.Kind, 0, from, $"{name}, {(plan.Drain ? "drained" : "killed")}");
    }
}
