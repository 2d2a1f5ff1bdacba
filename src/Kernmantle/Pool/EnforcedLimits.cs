namespace Kernmantle;

/// <summary>The means by which a limit is enforced.</summary>
[Flags]
public enum LimitMeans
{
    /// <summary>None: the limit is refused.</summary>
    None = 0,

    /// <summary>A timer of the host, which then kills.</summary>
    Timer = 1,

    /// <summary>The host looks every 1 to 50 ms, the more often the nearer the limit is, and kills.</summary>
    Watch = 2,

    /// <summary>A limit of the kernel's for the process (<c>setrlimit</c>).</summary>
    ResourceLimit = 4,

    /// <summary>A control group, version 1.</summary>
    ControlGroupV1 = 8,

    /// <summary>A control group, version 2.</summary>
    ControlGroupV2 = 16,

    /// <summary>The host counts what arrives from the worker, and kills.</summary>
    Count = 32,
}

/// <summary>How one limit is enforced here.</summary>
/// <param name="Means">By what, several together where one has gaps.</param>
/// <param name="Detail">What it covers; or why it cannot be enforced, and what to do.</param>
public sealed record LimitEnforcement(LimitMeans Means, string Detail);

/// <summary>By what means a pool holds its calls to <see cref="Limits"/>, on this machine. Immutable.</summary>
public sealed record EnforcedLimits
{
    private const string UseProcesses = "Not on this kind of worker: use WorkerPool.Processes.";

    /// <summary>How <see cref="Limits.WallTime"/> is enforced.</summary>
    public required LimitEnforcement WallTime { get; init; }

    /// <summary>How <see cref="Limits.CpuTime"/> is enforced.</summary>
    public required LimitEnforcement CpuTime { get; init; }

    /// <summary>How <see cref="Limits.MemoryBytes"/> is enforced.</summary>
    public required LimitEnforcement Memory { get; init; }

    /// <summary>How <see cref="Limits.Processes"/> is enforced.</summary>
    public required LimitEnforcement Processes { get; init; }

    /// <summary>How <see cref="Limits.OpenFiles"/> is enforced.</summary>
    public required LimitEnforcement OpenFiles { get; init; }

    /// <summary>How <see cref="Limits.OutputBytes"/> is enforced.</summary>
    public required LimitEnforcement Output { get; init; }

    internal static EnforcedLimits OnlyWallTime { get; } = new()
    {
        WallTime = new(LimitMeans.Timer, "From the begin of the call."),
        CpuTime = new(LimitMeans.None, UseProcesses),
        Memory = new(LimitMeans.None, UseProcesses),
        Processes = new(LimitMeans.None, UseProcesses),
        OpenFiles = new(LimitMeans.None, UseProcesses),
        Output = new(LimitMeans.None, UseProcesses),
    };

    /// <exception cref="PlatformNotSupportedException">One of them is not enforced here; the message says why and what to do.</exception>
    internal void EnsureEnforces(Limits limits)
    {
        Ensure(limits.CpuTime is not null, CpuTime, nameof(Limits.CpuTime));
        Ensure(limits.MemoryBytes is not null, Memory, nameof(Limits.MemoryBytes));
        Ensure(limits.Processes is not null, Processes, nameof(Limits.Processes));
        Ensure(limits.OpenFiles is not null, OpenFiles, nameof(Limits.OpenFiles));
        Ensure(limits.OutputBytes is not null, Output, nameof(Limits.OutputBytes));
    }

    private static void Ensure(bool isSet, LimitEnforcement enforcement, string name)
    {
        if (isSet && enforcement.Means == LimitMeans.None)
            throw new PlatformNotSupportedException($"Limits.{name} cannot be enforced here. {enforcement.Detail}");
    }
}
