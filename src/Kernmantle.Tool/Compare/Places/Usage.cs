using System.Diagnostics;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>What a process has used since it began. Crosses between processes.</summary>
/// <param name="CpuSeconds">Of all its threads, in user and system mode.</param>
/// <param name="Switches">Context switches of all its threads, of both kinds.</param>
/// <param name="PeakBytes">The most memory it had resident since it was last reset.</param>
internal sealed record Usage(int Process, double CpuSeconds, long AllocatedBytes, double GcPauseSeconds, long Switches, long PeakBytes)
{
    /// <summary>This process, now.</summary>
    public static Usage Here() => new(
        Environment.ProcessId,
        Environment.CpuUsage.TotalTime.TotalSeconds,
        GC.GetTotalAllocatedBytes(precise: true),
        GC.GetTotalPauseDuration().TotalSeconds,
        LibC.ProcessSwitches(),
        Proc.PeakBytes());

    /// <summary>As <see cref="Here"/>, after what earlier work has left behind was collected, and the peak forgotten.</summary>
    public static Usage Fresh()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Proc.ForgetPeak();
        return Here();
    }
}

/// <summary>What one round took, in all processes that had a part in it. Crosses between processes.</summary>
/// <param name="PeakBytes">Added up over the processes; pages that they share count in each.</param>
/// <param name="AllocatedBytes">Null where the runtime does not count it.</param>
/// <param name="GcPauseSeconds">Added up over the processes. Null where the runtime does not tell.</param>
internal sealed record RoundFigures(double WallSeconds, double CpuSeconds, double PeakBytes, double? AllocatedBytes, double? GcPauseSeconds, double Switches)
{
    /// <summary>The difference of two readings. A process that is only in the second one was started between them; one that is only in the first has taken its figures with it.</summary>
    public static RoundFigures Between(IReadOnlyList<Usage> before, IReadOnlyList<Usage> after, double wallSeconds)
    {
        Dictionary<int, Usage> earlier = before.ToDictionary(static usage => usage.Process);
        double Sum(Func<Usage, double> of) => after.Sum(usage => of(usage) - (earlier.TryGetValue(usage.Process, out Usage? own) ? of(own) : 0));
        return new(
            wallSeconds,
            Sum(static usage => usage.CpuSeconds),
            after.Sum(static usage => (double)usage.PeakBytes),
            Sum(static usage => usage.AllocatedBytes),
            Sum(static usage => usage.GcPauseSeconds),
            Sum(static usage => usage.Switches));
    }
}
