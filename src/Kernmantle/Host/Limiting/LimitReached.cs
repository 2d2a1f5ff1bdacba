using System.Globalization;

namespace Kernmantle.Host.Limiting;

internal enum LimitKind
{
    CpuTime,
    Memory,
    Processes,
    OpenFiles,
    Output,
}

/// <summary>A limit was reached; the figures are ticks, bytes, or a count.</summary>
internal sealed record LimitReached(LimitKind Kind, long Limit, long Used)
{
    /// <summary>Memory: what of <see cref="Used"/> was there before the call.</summary>
    public long? Before { get; init; }

    public WorkerExitReason Reason => Kind switch
    {
        LimitKind.CpuTime => WorkerExitReason.CpuLimit,
        LimitKind.Memory => WorkerExitReason.MemoryLimit,
        LimitKind.Processes => WorkerExitReason.ProcessCountLimit,
        LimitKind.OpenFiles => WorkerExitReason.OpenFilesLimit,
        _ => WorkerExitReason.OutputLimit,
    };

    /// <param name="call">The call's name.</param>
    /// <param name="replaced">The worker is one of a pool.</param>
    /// <param name="inner">How the function itself saw it, if it did.</param>
    public WorkerException ToFailure(string call, bool replaced, Exception? inner = null) => Kind switch
    {
        LimitKind.CpuTime => new CpuLimitException($"{call} used {Time(Used)} of processor time, more than its limit of {Time(Limit)}. {Killed(replaced)} Raise Limits.CpuTime, or give it less to do.", TimeSpan.FromTicks(Used), TimeSpan.FromTicks(Limit)),
        LimitKind.Memory => new MemoryLimitException(MemoryText(call, replaced), Limit, Used, Before, inner),
        LimitKind.Processes => new ProcessCountLimitException($"{call} wanted more processes and threads than its limit of {Limit}. {Killed(replaced)} Raise Limits.Processes, or let it start fewer.", Limit, Used, inner),
        LimitKind.OpenFiles => new OpenFilesLimitException($"{call} wanted more open files than its limit of {Limit}; {Used} were still open when it had failed. {Killed(replaced)} Raise Limits.OpenFiles, or let it close what it no longer needs.", Limit, Used, inner),
        _ => new OutputLimitException($"{call} wrote more than its limit of {Limit} bytes: {Used} bytes had arrived. {Killed(replaced)} Raise Limits.OutputBytes, or let it write less.", Limit, Used),
    };

    private string MemoryText(string call, bool replaced)
    {
        string before = Before is { } bytes ? $", {Size(bytes)} of it from before the call" : "";
        return $"The worker of {call} had {Size(Used)} resident{before}; the limit is {Size(Limit)}. {Killed(replaced)} {(replaced ? "RetryPolicy.OnMemory repeats a call with a higher limit; ProcessPoolOptions.Recycling replaces workers that earlier calls have filled." : "Raise Limits.MemoryBytes, or give it less at once.")}";
    }

    private static string Killed(bool replaced) => replaced ? "Its worker was killed and replaced." : "Its worker was killed.";

    private static string Time(long ticks) => string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromTicks(ticks).TotalSeconds:F2} s");

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}
