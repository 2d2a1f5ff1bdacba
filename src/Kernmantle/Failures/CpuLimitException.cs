namespace Kernmantle;

/// <summary>
/// The system ended the worker for using too much processor time (SIGXCPU, for example under <c>ulimit -t</c>) while it ran this
/// call. The worker is replaced; the pool stays usable.
/// </summary>
public sealed class CpuLimitException : WorkerException
{
    internal CpuLimitException(string message, TimeSpan used)
        : base(message) => Used = used;

    /// <summary>The processor time the worker had used, user and system together.</summary>
    public TimeSpan Used { get; }
}
