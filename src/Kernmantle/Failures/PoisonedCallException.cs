namespace Kernmantle;

/// <summary>
/// The call has killed its worker more than once: with its input the function, or the decoding of its arguments, ends processes. It is not tried
/// again, whatever its <see cref="RetryPolicy"/> says. The pool stays usable. What else the exception tells is of the last death.
/// </summary>
public sealed class PoisonedCallException : WorkerCrashedException
{
    /// <summary>Makes one by hand, for a test.</summary>
    /// <param name="callName">The name of the call.</param>
    /// <param name="deaths">See <see cref="Deaths"/>.</param>
    /// <exception cref="ArgumentException">There is no death.</exception>
    public PoisonedCallException(string callName, IReadOnlyList<WorkerCrashedException> deaths)
        : this(callName, deaths, LastOf(deaths))
    {
    }

    private PoisonedCallException(string callName, IReadOnlyList<WorkerCrashedException> deaths, WorkerCrashedException last)
        : base(
            $"{callName} killed {deaths.Count} workers and is not tried again. The last: {last.Message}",
            last.Reason,
            last.ExitCode,
            last.Signal,
            last.LastLogLines,
            [.. last.LikelyCauses, "Set this input aside, and look at it by itself: the deaths are all listed in Deaths."],
            last) => Deaths = deaths;

    /// <summary>How each worker died, oldest first.</summary>
    public IReadOnlyList<WorkerCrashedException> Deaths { get; }

    private static WorkerCrashedException LastOf(IReadOnlyList<WorkerCrashedException> deaths)
    {
        ArgumentNullException.ThrowIfNull(deaths);
        return deaths.Count > 0 ? deaths[^1] : throw new ArgumentException("A poisoned call has killed a worker.", nameof(deaths));
    }
}
