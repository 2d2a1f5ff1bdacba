namespace Kernmantle;

/// <summary>
/// The worker used more processor time than allowed while it ran this call: more than <see cref="Limits.CpuTime"/>, or the system ended
/// it (SIGXCPU, for example under <c>ulimit -t</c>). The worker is replaced; the pool stays usable.
/// </summary>
public sealed class CpuLimitException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public CpuLimitException(string message, TimeSpan used, TimeSpan? limit = null)
        : base(message) => (Used, Limit) = (used, limit);

    /// <summary>
    /// The processor time used, user and system together: by the call where it had a limit, else by the worker since its start.
    /// </summary>
    public TimeSpan Used { get; }

    /// <summary>The call's limit; null where the system enforced one of its own.</summary>
    public TimeSpan? Limit { get; }
}
