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

/// <summary>How one limit is enforced here. Immutable.</summary>
public sealed class LimitEnforcement
{
    internal LimitEnforcement(LimitMeans means, string detail) => (Means, Detail) = (means, detail);

    /// <summary>By what, several together where one has gaps.</summary>
    public LimitMeans Means { get; }

    /// <summary>What it covers; or why it cannot be enforced, and what to do.</summary>
    public string Detail { get; }
}

/// <summary>By what means a pool holds its calls to <see cref="Limits"/>, on this machine. Immutable.</summary>
public sealed class EnforcedLimits
{
    private static readonly LimitEnforcement Timer = new(LimitMeans.Timer, "From the begin of the call."), Refused = new(LimitMeans.None, "Not on this kind of worker: use WorkerPool.Processes.");

    internal EnforcedLimits()
    {
    }

    /// <summary>How <see cref="Limits.WallTime"/> is enforced.</summary>
    public LimitEnforcement WallTime { get; internal init; } = Timer;

    /// <summary>How <see cref="Limits.CpuTime"/> is enforced.</summary>
    public LimitEnforcement CpuTime { get; internal init; } = Refused;

    /// <summary>How <see cref="Limits.MemoryBytes"/> is enforced.</summary>
    public LimitEnforcement Memory { get; internal init; } = Refused;

    /// <summary>How <see cref="Limits.Processes"/> is enforced.</summary>
    public LimitEnforcement Processes { get; internal init; } = Refused;

    /// <summary>How <see cref="Limits.OpenFiles"/> is enforced.</summary>
    public LimitEnforcement OpenFiles { get; internal init; } = Refused;

    /// <summary>How <see cref="Limits.OutputBytes"/> is enforced.</summary>
    public LimitEnforcement Output { get; internal init; } = Refused;

    internal static EnforcedLimits OnlyWallTime { get; } = new();

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
