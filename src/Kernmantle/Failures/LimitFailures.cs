namespace Kernmantle;

/// <summary>
/// The call's worker was refused a process or thread, since it had as many as <see cref="Limits.Processes"/> allows. The worker was killed
/// and replaced, with what it had started; the pool stays usable.
/// </summary>
public sealed class ProcessCountLimitException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public ProcessCountLimitException(string message, long limit, long used, Exception? innerException = null)
        : base(message, innerException) => (Limit, Used) = (limit, used);

    /// <summary>The limit, in processes and threads.</summary>
    public long Limit { get; }

    /// <summary>How many there were when the host looked, shortly after the refusal.</summary>
    public long Used { get; }
}

/// <summary>
/// The call failed since its worker had as many files open as <see cref="Limits.OpenFiles"/> allows. The worker was replaced; the pool stays
/// usable.
/// </summary>
public sealed class OpenFilesLimitException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public OpenFilesLimitException(string message, long limit, long used, Exception? innerException = null)
        : base(message, innerException) => (Limit, Used) = (limit, used);

    /// <summary>The limit, in open files, sockets and pipes.</summary>
    public long Limit { get; }

    /// <summary>How many were open when the host looked, after the call had failed.</summary>
    public long Used { get; }
}

/// <summary>
/// The call wrote more to standard output, standard error and loggers than <see cref="Limits.OutputBytes"/> allows. The worker was killed and
/// replaced; the pool stays usable. What had arrived is in the log.
/// </summary>
public sealed class OutputLimitException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public OutputLimitException(string message, long limitBytes, long usedBytes)
        : base(message) => (LimitBytes, UsedBytes) = (limitBytes, usedBytes);

    /// <summary>The limit, in bytes.</summary>
    public long LimitBytes { get; }

    /// <summary>What had arrived when the limit was passed, in bytes.</summary>
    public long UsedBytes { get; }
}
