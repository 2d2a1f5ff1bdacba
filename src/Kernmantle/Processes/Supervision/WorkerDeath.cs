using Kernmantle.Calls;
using Kernmantle.Processes.Launch;
using Kernmantle.Processes.Limiting;

namespace Kernmantle.Processes.Supervision;

/// <summary>All that is known of a worker process that ended by itself; makes the typed failure that tells it.</summary>
internal sealed class WorkerDeath(string workerName, int processId, ProcessEnd? end, IReadOnlyList<string> lastLines, string? violation, bool atStart, long heapLimitBytes, bool foreign = false, LimitReached? limit = null)
{
    private const int SigAbort = 6, SigKill = 9, SigXcpu = 24;

    /// <summary>How the runtime begins when it says why it ends the process.</summary>
    private static readonly string[] Telling = ["Stack overflow", "Process terminated", "Unhandled exception", OutOfMemory];

    /// <summary>What the runtime prints before it aborts for want of memory.</summary>
    private const string OutOfMemory = "Out of memory";

    /// <summary>The exit code of a runtime that could not reserve its heap.</summary>
    private const int HeapInitFailed = 137;

    private bool RanOutOfMemory =>
        (end?.Signal == SigAbort && lastLines.Any(static l => l.StartsWith(OutOfMemory, StringComparison.Ordinal)))
        || (atStart && heapLimitBytes > 0 && end?.ExitCode == HeapInitFailed);

    public WorkerExitReason Reason =>
        limit is not null ? limit.Reason : RanOutOfMemory ? WorkerExitReason.MemoryLimit : end?.Signal == SigXcpu ? WorkerExitReason.CpuLimit : WorkerExitReason.Crashed;

    /// <summary>A new failure object each time: several callers may get one.</summary>
    public WorkerException ToFailure(Call? call)
    {
        string what = call is null ? $"Worker {workerName} (pid {processId})" : $"Worker {workerName} (pid {processId}) died while it ran {call.Name}: it";
        WorkerException failure = limit is not null && call is not null ? limit.ToFailure(call.Name)
            : violation is not null ? Crashed($"{what} broke the protocol ({violation}) and was killed.", CrashReason.ProtocolViolation, ["Code in the worker wrote to the channel or corrupted memory. Look for native code that does."])
            : RanOutOfMemory ? new MemoryLimitException($"{what} ran out of memory{(heapLimitBytes > 0 ? $" under its managed heap limit of {heapLimitBytes} bytes" : "")} and was ended by the runtime.", heapLimitBytes)
            : end?.Signal == SigXcpu ? new CpuLimitException($"{what} was ended by the system for using too much processor time ({end.CpuTime.TotalSeconds:F1} s).", end.CpuTime)
            : Crashed(what);
        failure.WorkerName = workerName;
        failure.CallName = call?.Name;
        return failure;
    }

    private WorkerCrashedException Crashed(string what)
    {
        (CrashReason reason, string how, string[] causes) = end switch
        {
            null => (CrashReason.Killed, "ended, and the system did not say how", (string[])["Something else reaped the process: a SIGCHLD handler in native code."]),
            { Signal: SigAbort } => (CrashReason.RuntimeAbort, "was aborted (SIGABRT)", AbortCauses()),
            { Signal: SigKill } => (CrashReason.Signal, "was killed (SIGKILL) by something other than this pool", ["The system's out-of-memory killer: see the kernel's log; give the workers less to do at once or a managed heap limit.", "A person, a supervisor or a container limit killed it."]),
            { Signal: int signal } => (CrashReason.Signal, $"was ended by signal {signal} ({Signals.NameOf(signal)})", ["A crash in native code (P/Invoke, unsafe code) called by the function."]),
            { ExitCode: int code } => (CrashReason.Exited, $"exited with code {code}", [foreign ? "The function, or a library it uses, ended the process: sys.exit, os._exit, exit()." : "The function, or a library it uses, called Environment.Exit or exit()."]),
            _ => (CrashReason.Killed, "ended", []),
        };
        if (atStart)
            return Crashed($"{what} {how} before it was ready.{Tail()}", CrashReason.DiedAtStart, foreign ? ["The program is no interpreter, cannot start here, or was ended by code that runs at its start: see the last lines.", .. causes] : ["A start-up hook, module initializer or OnWorkerStart failed: see the last lines.", "The environment or the limits given to the worker do not let the runtime start.", .. causes]);
        return Crashed($"{what} {how}.{Tail()}", reason, causes);
    }

    private string[] AbortCauses() => lastLines.Any(static l => l.Contains("Stack overflow", StringComparison.Ordinal))
        ? ["A stack overflow: unbounded recursion in the function; see the last lines for where."]
        : lastLines.Any(static l => l.StartsWith("Unhandled exception", StringComparison.Ordinal))
        ? ["An exception nobody caught on a thread the function had started; see the last lines."]
        : ["Environment.FailFast, or abort() in native code; see the last lines."];

    private WorkerCrashedException Crashed(string message, CrashReason reason, string[] causes) =>
        new($"{message}{(causes.Length > 0 ? $" Likely: {causes[0]}" : "")}", reason, end?.ExitCode, end?.Signal, lastLines, causes);

    /// <summary>The line that tells most: what the runtime says of its end stands before the stack, not last.</summary>
    private string Tail()
    {
        string? line = lastLines.LastOrDefault(static l => Array.Exists(Telling, t => l.StartsWith(t, StringComparison.Ordinal))) ?? (lastLines.Count == 0 ? null : lastLines[^1]);
        return line is null ? "" : $" It wrote: \"{line}\".";
    }
}
