using Kernmantle.Host;
using Kernmantle.Scheduling;

namespace Kernmantle;

/// <summary>Options of a pool of processes.</summary>
public sealed class ProcessPoolOptions : WorkerPoolOptions
{
    /// <summary>The smallest heap limit with which the runtime starts, in bytes.</summary>
    public const long MinManagedHeapLimitBytes = 4 << 20;

    /// <summary>Environment variables set in the workers; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of this process's variables that the workers get; null for all. What the runtime needs to start is always passed.</summary>
    public IReadOnlyList<string>? PassedVariables { get; init; }

    /// <summary>The workers' working directory; null for this process's own at the time a worker starts.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The most a worker's managed heap may hold, in bytes (at least <see cref="MinManagedHeapLimitBytes"/>); null for no limit.</summary>
    public long? ManagedHeapLimitBytes { get; init; }

    /// <summary>
    /// What each call may use that sets no limits of its own; null for no limits. A pool with limits has no quick way: each of its calls costs
    /// some 10 µs more.
    /// </summary>
    public Limits? Limits { get; init; }

    /// <summary>For tests: whether control groups may be used.</summary>
    internal bool UseControlGroups { get; init; } = true;

    /// <summary>Workers wait for a managed debugger before they take calls; their process ids are logged.</summary>
    public bool WaitForDebugger { get; init; }

    /// <summary>The most that the arguments or the result of one call may take when encoded, in bytes.</summary>
    public long MaxPayloadBytes { get; init; } = 256L << 20;

    /// <summary>How long a worker may take to start.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a worker may take to find a function and decode its arguments, and, by itself, to encode its result. Timeouts count the
    /// function alone, from its call to the completion of its task; what this library does around it is bounded here, together with what it calls
    /// of the program's: constructors, setters and properties of the types that cross. Infinite for no bound.
    /// </summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How deep pools may nest: 1 allows a process pool only in the program itself, 2 also inside its workers. The guard against
    /// a program that starts itself without end.
    /// </summary>
    public int MaxDepth { get; init; } = 2;

    /// <summary>
    /// More deaths than this, at start or while idle, within <see cref="RestartWindow"/> break the pool (an OTP supervisor's restart
    /// intensity). Deaths during a call are that call's failure and do not count.
    /// </summary>
    public int RestartLimit { get; init; } = 5;

    /// <summary>The window of <see cref="RestartLimit"/>. Deaths since a worker became ready count however long ago they are: starts that hang take longer than this.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many workers are kept ready beside those that take calls, to take the place of one that died or was killed: then the next call begins
    /// at once, and not after a start (40 to 100 ms). Each costs the memory of an idle worker.
    /// </summary>
    public int Spares { get; init; }

    /// <summary>
    /// Another pool of processes, whose spares this pool takes as its workers, also as its replacements and its own spares: they are there in some milliseconds, where a start takes 40 to 130. The
    /// other pool starts new ones at once. Null: all workers are started.
    /// </summary>
    /// <remarks>
    /// A spare has run nothing of the program's: the other pool must have no <see cref="WorkerPoolOptions.OnWorkerStart"/>. It is taken if one started now would start the same: with the same environment,
    /// working directory, heap limit, share of the processors and <see cref="RingBytes"/>. If none is, or none is ready, a worker is started. From then on it is this pool's, with
    /// this pool's name, options and log, and ends with it. Not over sockets, and not where the program has start-up hooks of its own.
    /// </remarks>
    public WorkerPool? SparesOf { get; init; }

    /// <summary>When workers that are well are replaced; null for never.</summary>
    public RecyclingOptions? Recycling { get; init; }

    /// <summary>
    /// What is taken from a worker before it is killed for a timeout, if the package <c>Kernmantle.Diagnostics</c> is referenced; null for
    /// nothing.
    /// </summary>
    public EvidenceOptions? Evidence { get; init; } = new();

    /// <summary>How the host and its workers talk.</summary>
    public WorkerTransport Transport { get; init; }

    /// <summary>
    /// How much memory requests, and answers, of one worker may take while they wait there, in bytes: a power of two from 64 KiB to
    /// 64 MiB. More than a quarter of it goes through memory of its own.
    /// </summary>
    public int RingBytes { get; init; } = 256 << 10;

    /// <summary>What happens to log records for which there is no room.</summary>
    public LogFullMode LogFull { get; init; }

    /// <summary>
    /// The most that a caller looks for an answer, and a worker for the next call, before it sleeps; at most 10 ms. While it looks, a core
    /// is busy; who sleeps is woken later. Zero: never look. Null: by what a wake-up costs on this machine, which the first pool measures in about a millisecond; <c>kern tune</c>
    /// says what came of it.
    /// </summary>
    public TimeSpan? SpinBudget { get; init; }

    internal override void Validate()
    {
        base.Validate();
        if (!Enum.IsDefined(Transport))
            throw new ArgumentOutOfRangeException(nameof(Transport), Transport, "No such transport.");
        if (!Enum.IsDefined(LogFull))
            throw new ArgumentOutOfRangeException(nameof(LogFull), LogFull, "No such mode.");
        if (RingBytes is < 64 << 10 or > 64 << 20 || !int.IsPow2(RingBytes))
            throw new ArgumentOutOfRangeException(nameof(RingBytes), RingBytes, "A power of two from 65536 to 67108864 is needed.");
        if (SpinBudget < TimeSpan.Zero || SpinBudget > TimeSpan.FromMilliseconds(10))
            throw new ArgumentOutOfRangeException(nameof(SpinBudget), SpinBudget, "From zero to 10 ms are possible.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPayloadBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPayloadBytes, int.MaxValue - 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(RestartLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(Spares);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Spares, 1024);
        Recycling?.Validate();
        Evidence?.Validate();
        Durations.Check(StartTimeout, nameof(StartTimeout));
        Durations.Check(TransferTimeout, nameof(TransferTimeout));
        Durations.CheckNotNegative(RestartWindow, nameof(RestartWindow));
        ProcessChecks.Validate(WorkingDirectory, ManagedHeapLimitBytes, Environment);
        ProcessChecks.Validate(Limits, Timeout, ManagedHeapLimitBytes);
    }
}
