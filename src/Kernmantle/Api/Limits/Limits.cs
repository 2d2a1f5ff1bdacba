using Kernmantle.Scheduling;

namespace Kernmantle;

/// <summary>
/// What a call may use. Immutable. What is not set is not limited. Set for one call with
/// <see cref="CallOptions.Limits"/>, for all calls of a pool with <see cref="ProcessPoolOptions.Limits"/>.
/// </summary>
/// <remarks>
/// A call that reaches a limit fails with a failure of its own that carries the limit and what was used; its worker is replaced. Only
/// processes can be limited; on threads, only <see cref="WallTime"/>. Limits hold from the time at which a worker is ready: the least
/// values are those with which a worker still runs. They catch mistakes and are no sandbox: a worker has its user's rights, also the right to
/// lift them. docs/limits.md says by what means each is enforced where.
/// </remarks>
public sealed class Limits
{
    /// <summary>The least <see cref="MemoryBytes"/>: an idle worker has about 40 MiB resident.</summary>
    internal const long MinMemoryBytes = 64L << 20;

    /// <summary>The least <see cref="Processes"/>: an idle worker has about 8 threads, and its runtime starts more when it is busy.</summary>
    internal const int MinProcesses = 24;

    /// <summary>The least <see cref="OpenFiles"/>: an idle worker has about 75, of which most are its assemblies.</summary>
    internal const int MinOpenFiles = 128;

    /// <summary>How long the function may run, as <see cref="CallOptions.Timeout"/>, which it must not contradict.</summary>
    public TimeSpan? WallTime { get; init; }

    /// <summary>Processor time, user and system together, that the worker may use from the call of the function to the completion of its task, to within a quarter of it and 50 ms.</summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>
    /// The most memory that the worker's process may have resident while the call runs, in bytes, native memory included; at least
    /// 64 MiB.
    /// </summary>
    public long? MemoryBytes { get; init; }

    /// <summary>
    /// The most processes and threads, its own and those of its children, that the worker may have at once; at least 24.
    /// Needs a control group with the controller <c>pids</c>.
    /// </summary>
    public int? Processes { get; init; }

    /// <summary>The most files, sockets and pipes that the worker may have open at once; at least 128.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>The most that the call may write to standard output, standard error and loggers together, in bytes of text; 0 allows none.</summary>
    public long? OutputBytes { get; init; }

    /// <summary>The one's, and where it sets none the other's.</summary>
    internal static Limits? Merge(Limits? own, Limits? general)
    {
        if (own is null || general is null || ReferenceEquals(own, general))
            return own ?? general;
        return new()
        {
            WallTime = own.WallTime ?? general.WallTime,
            CpuTime = own.CpuTime ?? general.CpuTime,
            MemoryBytes = own.MemoryBytes ?? general.MemoryBytes,
            Processes = own.Processes ?? general.Processes,
            OpenFiles = own.OpenFiles ?? general.OpenFiles,
            OutputBytes = own.OutputBytes ?? general.OutputBytes,
        };
    }

    /// <summary>There is more to them than the wall time, which is the timeout: its worker is held to it while it runs the call.</summary>
    internal bool HoldTheWorker => (CpuTime, MemoryBytes, Processes, OpenFiles, OutputBytes) != default;

    /// <summary>Checks the values; <paramref name="timeout"/> is what is said elsewhere of the wall time.</summary>
    internal void Validate(TimeSpan? timeout, string name = nameof(Limits))
    {
        Durations.Check(WallTime, nameof(WallTime));
        if (WallTime is { } wall && timeout is { } other && wall != other)
            throw new ArgumentException($"Limits.WallTime ({wall}) and Timeout ({other}) contradict each other: they are one limit. Set one of them.", name);
        CheckProcessorTime(CpuTime, nameof(CpuTime));
        AtLeast(MemoryBytes, MinMemoryBytes, nameof(MemoryBytes), "a worker does not run with less; ManagedHeapLimitBytes, which does not count the runtime itself, may be less");
        AtLeast(Processes, MinProcesses, nameof(Processes), "the runtime's own threads count");
        AtLeast(OpenFiles, MinOpenFiles, nameof(OpenFiles), "the assemblies that a worker has loaded count");
        AtLeast(OutputBytes, 0, nameof(OutputBytes), "null is no limit");
    }

    private static void CheckProcessorTime(TimeSpan? time, string name)
    {
        if (time is { } t && (t <= TimeSpan.Zero || t > TimeSpan.FromDays(365)))
            throw new ArgumentOutOfRangeException(name, time, "A limit on processor time must be positive and at most 365 days; null is none.");
    }

    private static void AtLeast(long? value, long least, string name, string why)
    {
        if (value < least)
            throw new ArgumentOutOfRangeException(name, value, $"Limits.{name} must be at least {least}: {why}.");
    }
}
