namespace Kernmantle;

/// <summary>
/// The call has killed its worker more than once: with its input the function, or the decoding of its arguments, ends processes. It is not tried
/// again, whatever its <see cref="RetryPolicy"/> says. The pool stays usable. What else the exception tells is of the last death.
/// </summary>
public sealed class PoisonedCallException : WorkerCrashedException
{
    internal PoisonedCallException(string call, IReadOnlyList<WorkerCrashedException> deaths)
        : base(
            $"{call} killed {deaths.Count} workers and is not tried again. The last: {deaths[^1].Message}",
            deaths[^1].Reason,
            deaths[^1].ExitCode,
            deaths[^1].Signal,
            deaths[^1].LastLogLines,
            [.. deaths[^1].LikelyCauses, "Set this input aside, and look at it by itself: the deaths are all listed in Deaths."],
            deaths[^1]) => Deaths = deaths;

    /// <summary>How each worker died, oldest first.</summary>
    public IReadOnlyList<WorkerCrashedException> Deaths { get; }
}
