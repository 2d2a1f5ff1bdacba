using Kernmantle.Failures;

namespace Kernmantle;

/// <summary>
/// The call took too long: its function, counted from its call to the completion of its task, longer than the call's timeout; or what this
/// library does before and after it longer than the pool's <see cref="ProcessPoolOptions.TransferTimeout"/> (<see cref="IsTransfer"/> says
/// which). In a process the worker was killed and replaced; the function no longer runs. On a thread, .NET cannot stop it: see <see cref="StillRunning"/>. The pool stays usable.
/// </summary>
public sealed class CallTimeoutException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public CallTimeoutException(string message, TimeSpan timeout, bool stillRunning = false, bool isTransfer = false, string? stacks = null, string? dumpFile = null)
        : base(message) => (Timeout, StillRunning, IsTransfer, Stacks, DumpFile) = (timeout, stillRunning, isTransfer, stacks, dumpFile);

    /// <summary>The timeout that was exceeded.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>
    /// False: the function took too long. True: it was not the function, but decoding its arguments (with loading its code and the constructors
    /// of their types) or encoding its result, and <see cref="Timeout"/> is the pool's <c>TransferTimeout</c>.
    /// </summary>
    public bool IsTransfer { get; }

    /// <summary>
    /// True where the function goes on running: threads cannot be killed. Its thread counts as lost and is replaced; whatever it
    /// still does to shared state, it does.
    /// </summary>
    public bool StillRunning { get; }

    internal static string TextOf(string name, Overrun overrun, TimeSpan timeout, string end) => overrun switch
    {
        Overrun.Arguments => $"Decoding the arguments of {name} took longer than TransferTimeout ({timeout}): its function was not called. {end} Look for a constructor or setter that does not end, or pass less, or raise TransferTimeout.",
        Overrun.Result => $"Encoding the result of {name} took longer than TransferTimeout ({timeout}): its function had completed. {end} Look for a property that does not end, or return less, or raise TransferTimeout.",
        _ => $"{name} ran longer than its timeout of {timeout}. {end}",
    };

    /// <summary>
    /// What the threads of the worker were doing right before it was killed, as text; null where nobody captured it: see
    /// <c>Kernmantle.Diagnostics</c>.
    /// </summary>
    public string? Stacks { get; }

    /// <summary>The dump of the worker's memory, if <see cref="EvidenceOptions.DumpFolder"/> asks for one and it was written in time.</summary>
    public string? DumpFile { get; }
}

/// <summary>
/// The worker reached its memory limit while it ran this call. The worker is replaced, since what it holds cannot be
/// trusted to be whole; the pool stays usable.
/// </summary>
public sealed class MemoryLimitException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public MemoryLimitException(string message, long limitBytes, long? usedBytes = null, long? usedBeforeBytes = null, Exception? innerException = null)
        : base(message, innerException) => (LimitBytes, UsedBytes, UsedBeforeBytes) = (limitBytes, usedBytes, usedBeforeBytes);

    /// <summary>The limit, in bytes: of the whole process, or of the managed heap; 0 where no limit was set and the system itself ran out.</summary>
    public long LimitBytes { get; }

    /// <summary>What the process had resident when the limit was found to be passed, in bytes; null for the managed heap, whose runtime does not say.</summary>
    public long? UsedBytes { get; }

    /// <summary>
    /// What of <see cref="UsedBytes"/> was resident when the call began, in bytes: the runtime itself, and what earlier calls left behind; null where
    /// that was not measured.
    /// </summary>
    public long? UsedBeforeBytes { get; }
}

/// <summary>The function's code is not available in the worker. The worker and the pool stay usable.</summary>
public sealed class FunctionUnavailableException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public FunctionUnavailableException(string message, FunctionUnavailableReason reason, string? assemblyName = null)
        : base(message)
    {
        Reason = reason;
        AssemblyName = assemblyName;
    }

    /// <summary>Why it is not available.</summary>
    public FunctionUnavailableReason Reason { get; }

    /// <summary>The assembly concerned.</summary>
    public string? AssemblyName { get; }
}

/// <summary>Why a worker could not find a function.</summary>
public enum FunctionUnavailableReason
{
    /// <summary>The assembly, or one it needs, could not be loaded.</summary>
    AssemblyMissing,

    /// <summary>The assembly's file changed on disk since the host loaded it: restart the host, or, for a plug-in, load it again in a new context.</summary>
    CodeChanged,

    /// <summary>The method or a type of its signature could not be found.</summary>
    MethodMissing,
}

/// <summary>
/// The object of a <see cref="Remote{T}"/> is gone with its worker. The pool stays usable; create the object again, or set
/// <see cref="RemoteOptions.Recreate"/>.
/// </summary>
public sealed class StateLostException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public StateLostException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// A captured variable, argument, result or function cannot cross to another process, or, in every place, the function returns what nobody would
/// await (a <see cref="ValueTask"/>). Nothing was sent; everything stays usable.
/// </summary>
public sealed class NotPortableException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public NotPortableException(string subject, string remedy, Exception? innerException = null)
        : base($"{subject} cannot cross to another process. {remedy}", innerException)
    {
        Subject = subject;
        Remedy = remedy;
    }

    /// <summary>What cannot cross, by name.</summary>
    public string Subject { get; }

    /// <summary>What to do instead.</summary>
    public string Remedy { get; }
}

/// <summary>
/// The pool's queue is full, and the pool was told to refuse (<see cref="QueueFullMode.Fail"/>), or as many calls wait for room as may
/// (<see cref="WorkerPoolOptions.MaxWaiting"/>). Nothing was sent; try later.
/// </summary>
public sealed class QueueFullException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public QueueFullException(int capacity)
        : base($"The queue is full ({capacity} calls). Await earlier calls first, raise WorkerPoolOptions.QueueCapacity, or use QueueFullMode.Wait.") =>
        Capacity = capacity;

    internal QueueFullException(int capacity, int waiting)
        : base($"The queue is full ({capacity} calls), and {waiting} calls wait for room. Await earlier calls first, or raise WorkerPoolOptions.MaxWaiting.") =>
        Capacity = capacity;

    /// <summary>The capacity of the queue, in calls.</summary>
    public int Capacity { get; }
}

/// <summary>The encoded arguments or the result are larger than the pool allows. That call failed; everything stays usable.</summary>
public sealed class PayloadTooLargeException : WorkerException
{
    /// <summary>Makes one by hand, for a test.</summary>
    /// <param name="subject">What is too large, by name.</param>
    /// <param name="sizeBytes">See <see cref="SizeBytes"/>.</param>
    /// <param name="limitBytes">See <see cref="LimitBytes"/>.</param>
    public PayloadTooLargeException(string subject, long sizeBytes, long limitBytes)
        : this(subject, sizeBytes, limitBytes, "Raise ProcessPoolOptions.MaxPayloadBytes, or pass a file name instead.")
    {
    }

    /// <summary>The same, with another remedy.</summary>
    internal PayloadTooLargeException(string subject, long sizeBytes, long limitBytes, string remedy)
        : base($"{subject}: {sizeBytes} bytes, the limit is {limitBytes}. {remedy}") =>
        (SizeBytes, LimitBytes) = (sizeBytes, limitBytes);

    /// <summary>The size, in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>The limit, in bytes.</summary>
    public long LimitBytes { get; }
}

/// <summary>
/// Workers die faster than the pool's restart limit allows (as an OTP supervisor's restart intensity): the pool has given up. Nothing was sent.
/// The cause of the last death is the inner exception. The pool heals: after <see cref="WorkerPoolOptions.HealAfter"/>, and then after pauses twice
/// as long each, it tries one worker, and goes on when that one becomes ready.
/// </summary>
public sealed class PoolBrokenException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public PoolBrokenException(string message, int restarts, DateTimeOffset? nextTry = null, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Restarts = restarts;
        NextTry = nextTry;
        RetryAfter = retryAfter is { } left && left < TimeSpan.Zero ? TimeSpan.Zero : retryAfter;
    }

    /// <summary>When the pool tries a worker again; null if it stays broken: dispose of it then.</summary>
    public DateTimeOffset? NextTry { get; }

    /// <summary>How long that was from the failure on; zero while a worker is being tried. Null if the pool stays broken.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>How many workers died in the window.</summary>
    public int Restarts { get; }
}
