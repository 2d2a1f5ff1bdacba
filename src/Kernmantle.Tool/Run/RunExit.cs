namespace Kernmantle.Tool.Run;

/// <summary>How a method or a script ended, and what it used; what is not known is null.</summary>
internal sealed record RunExit(WorkerExitReason Reason, Exception? Exception = null)
{
    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public TimeSpan WallTime { get; init; }

    public TimeSpan? CpuTime { get; init; }

    public long? PeakMemoryBytes { get; init; }

    public long? VoluntaryContextSwitches { get; init; }

    public long? InvoluntaryContextSwitches { get; init; }

    public static RunExit Of(WorkerExit exit) => new(exit.Reason, exit.Exception)
    {
        ExitCode = exit.ExitCode,
        Signal = exit.Signal,
        WallTime = exit.WallTime,
        CpuTime = exit.CpuTime,
        PeakMemoryBytes = exit.PeakMemoryBytes,
        VoluntaryContextSwitches = exit.VoluntaryContextSwitches,
        InvoluntaryContextSwitches = exit.InvoluntaryContextSwitches,
    };
}
