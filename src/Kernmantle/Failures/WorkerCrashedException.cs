namespace Kernmantle;

/// <summary>How a worker process ended without being asked to.</summary>
public enum CrashReason
{
    /// <summary>Code in the worker ended it with an exit code, for example <see cref="Environment.Exit"/>.</summary>
    Exited,

    /// <summary>A signal ended it: a native crash, or a kill from outside.</summary>
    Signal,

    /// <summary>The runtime ended it: stack overflow, <see cref="Environment.FailFast(string)"/>, an unhandled exception on another thread.</summary>
    RuntimeAbort,

    /// <summary>It ended before it was ready to take calls.</summary>
    DiedAtStart,

    /// <summary>It wrote something that the protocol does not allow and was killed for it.</summary>
    ProtocolViolation,

    /// <summary>It was killed by the host for another reason, for example with the worker that this call shared.</summary>
    Killed,
}

/// <summary>
/// The worker process died while it ran this call. The call may have had effects; it is not repeated unless
/// <see cref="CallOptions.Retry"/> says so. The pool stays usable: it replaces the worker, and calls that had not begun
/// run elsewhere.
/// </summary>
public class WorkerCrashedException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
#pragma warning disable RS0022 // A crash that somebody derives from it is a crash.
    public WorkerCrashedException(
        string message,
        CrashReason reason,
        int? exitCode = null,
        int? signal = null,
        IReadOnlyList<string>? lastLogLines = null,
        IReadOnlyList<string>? likelyCauses = null,
        Exception? innerException = null)
        : base(message, innerException)
#pragma warning restore RS0022
    {
        Reason = reason;
        ExitCode = exitCode;
        Signal = signal;
        LastLogLines = lastLogLines ?? [];
        LikelyCauses = likelyCauses ?? [];
    }

    /// <summary>What kind of end it was.</summary>
    public CrashReason Reason { get; }

    /// <summary>The exit code, if the process exited by itself.</summary>
    public int? ExitCode { get; }

    /// <summary>The number of the signal that ended the process, if one did.</summary>
    public int? Signal { get; }

    /// <summary>The last lines the worker wrote (standard output, standard error), oldest first.</summary>
    public IReadOnlyList<string> LastLogLines { get; }

    /// <summary>The likely causes, most likely first, each with what to do about it.</summary>
    public IReadOnlyList<string> LikelyCauses { get; }
}
