using Kernmantle.Host.Lane;
using Kernmantle.Host.Limiting;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;

namespace Kernmantle.Host.Death;

/// <summary>All that is known of a worker process that ended by itself; makes the typed failure that tells it.</summary>
internal sealed record WorkerDeath
{
    /// <summary>The exit code of a runtime that could not reserve its heap.</summary>
    private const int HeapInitFailed = 137;

    public required string WorkerName { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>Null where the process has not ended yet.</summary>
    public ProcessEnd? End { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<string> LastLines { get; init; }

    /// <summary>What the runtime said of the end; null for nothing.</summary>
    public LastWords? Words { get; init; }

    /// <summary>What it wrote that the protocol does not allow.</summary>
    public string? Violation { get; init; }

    /// <summary>It was not ready.</summary>
    public bool AtStart { get; init; }

    /// <summary>Of its managed heap; 0 for none.</summary>
    public long HeapLimitBytes { get; init; }

    /// <summary>It is not a .NET program.</summary>
    public bool IsForeign { get; init; }

    /// <summary>A limit of its call ended it.</summary>
    public LimitReached? Limit { get; init; }

    /// <summary>See <see cref="LinkSettings.IsReplaced"/>.</summary>
    public bool IsReplaced { get; init; } = true;

    /// <summary>The kernel has killed for want of memory, where this process was.</summary>
    public bool KilledForMemory { get; init; }

    private bool RanOutOfMemory =>
        (End?.Signal == Signals.Abort && Words?.Kind == LastWordsKind.OutOfMemory)
        || (AtStart && HeapLimitBytes > 0 && End?.ExitCode == HeapInitFailed)
        || WasKilledForMemory;

    /// <summary>What our side of the worker writes then: native code that exits does not get there.</summary>
    private bool CalledExit => LastLines.Any(static l => l.StartsWith(ChildEvents.ExitText, StringComparison.Ordinal));

    private bool WasKilledForMemory => KilledForMemory && End?.Signal == Signals.Kill;

    public WorkerExitReason Reason =>
        Limit is not null ? Limit.Reason : RanOutOfMemory ? WorkerExitReason.MemoryLimit : End?.Signal == Signals.Xcpu ? WorkerExitReason.CpuLimit : WorkerExitReason.Crashed;

    /// <summary>A new failure object each time: several callers may get one.</summary>
    public WorkerException ToFailure(Call? call)
    {
        string what = call is null ? $"Worker {WorkerName} (pid {ProcessId})" : $"Worker {WorkerName} (pid {ProcessId}) died while it ran {call.Name}: it";
        WorkerException failure = Limit is not null && call is not null ? Limit.ToFailure(call.Name, IsReplaced)
            : Violation is not null ? Crashed(what, new(CrashReason.ProtocolViolation, $"broke the protocol ({Violation}) and was killed", ["Code in the worker wrote to the channel or corrupted memory. Look for native code that does."]))
            : WasKilledForMemory ? new MemoryLimitException($"{what} was killed by the kernel for want of memory: the out-of-memory count of its control group (oom_kill) went up. Give the group more memory, use fewer workers, or set Limits.MemoryBytes, which ends the call that takes too much.", 0)
            : RanOutOfMemory ? new MemoryLimitException($"{what} ran out of memory{(HeapLimitBytes > 0 ? $" under its managed heap limit of {HeapLimitBytes} bytes" : "")} and was ended by the runtime. {(HeapLimitBytes > 0 ? "Raise ManagedHeapLimitBytes" : "Give the machine or container more memory")}, or give the function less at once.", HeapLimitBytes)
            : End?.Signal == Signals.Xcpu ? new CpuLimitException($"{what} was ended by the system for using too much processor time ({End.CpuTime.TotalSeconds:F1} s): a limit outside of this pool (ulimit -t). Raise it, or set Limits.CpuTime below it.", End.CpuTime)
            : AtStart ? Crashed(what, Started(Diagnosis.Of(End, Words, IsForeign, CalledExit)))
            : Crashed(what, Diagnosis.Of(End, Words, IsForeign, CalledExit));
        failure.WorkerName = WorkerName;
        failure.CallName = call?.Name;
        failure.ProcessEnd = End;
        return failure;
    }

    /// <summary>The same death before the worker was ready: what runs then is not the function.</summary>
    private Diagnosis Started(Diagnosis death)
    {
        string[] causes = IsForeign
            ? ["The program is no interpreter, cannot start here, or was ended by code that runs at its start: see the last lines, and check PythonPoolOptions.Interpreter and Setup."]
            : End switch
            {
                { Signal: int signal } when Signals.IsFromOutside(signal) => death.Causes,
                { ExitCode: WorkerExitCodes.ProtocolMismatch } => ["The host is another build of this library than its workers load: build all of the program anew, and do not replace its files while it runs."],
                { ExitCode: WorkerExitCodes.MainEntered } => ["The program was entered as if it were no worker: it needs start-up hooks, and they are switched off. Set StartupHookSupport to true in the project, or reference the package, which does."],
                _ when Words?.Kind == LastWordsKind.UnhandledException => ["A start-up hook (DOTNET_STARTUP_HOOKS), a module initializer or a static constructor threw. Correct it, or take it out of the pool's Environment."],
                _ => CalledExit
                    ? ["Code that runs at the start did: OnWorkerStart, a start-up hook (DOTNET_STARTUP_HOOKS), a module initializer. Correct it, or take it out."]
                    : ["Native code that runs at the start ended it, or the environment or limits it was given do not let the runtime start: see the last lines. Start it with fewer of them.", .. death.Causes],
            };
        return death with { Reason = CrashReason.DiedAtStart, How = $"ended before it was ready: it {death.How}", Causes = causes };
    }

    private WorkerCrashedException Crashed(string what, Diagnosis death) => new(
        $"{what} {death.How}{(death.How.EndsWith('.') ? "" : ".")}{Tail(death)}{(death.Causes.Length > 0 ? $" Likely: {death.Causes[0]}" : "")}",
        death.Reason,
        End?.ExitCode,
        End?.Signal,
        LastLines,
        death.Causes);

    private string Tail(Diagnosis death) => death.LastLineTells && LastLines.LastOrDefault(static l => !string.IsNullOrWhiteSpace(l) && !l.StartsWith(ChildEvents.ExitText, StringComparison.Ordinal)) is { } line ? $" It wrote: \"{line}\"." : "";
}
