using Kernmantle.Host;
using Kernmantle.Scheduling;

namespace Kernmantle.Python;

/// <summary>What a function gets where a numeric array was passed.</summary>
public enum PythonArrays
{
    /// <summary>A numpy array where numpy can be imported, else a memoryview.</summary>
    Auto,

    /// <summary>A memoryview.</summary>
    MemoryView,

    /// <summary>A numpy array.</summary>
    Numpy,
}

/// <summary>Options of a pool of Python interpreters. Immutable.</summary>
/// <remarks>
/// <see cref="WorkerPoolOptions.OnWorkerStart"/> is for .NET workers: see <see cref="Setup"/>. <see cref="WorkerPoolOptions.TimeoutGrace"/> does not
/// matter to coroutines: others run beside them, so one that times out is always cancelled first, and has <see cref="WorkerPoolOptions.KillGrace"/>.
/// </remarks>
public sealed class PythonPoolOptions : WorkerPoolOptions
{
    internal const int DefaultCoroutines = 10_000, DefaultThreads = 256;

    /// <summary>The default options.</summary>
    public PythonPoolOptions() => Name = "python";

    /// <summary>
    /// The interpreter: a path, or a name that is looked for in <c>PATH</c>. Null: what <c>KERNMANTLE_PYTHON</c> names, else the active virtual
    /// environment's, else <c>python3</c>. CPython 3.8 or later, or PyPy 3; or Jython 2.7, where the file's name begins with <c>jython</c>.
    /// </summary>
    public string? Interpreter { get; init; }

    /// <summary>Folders that are searched for modules first.</summary>
    public IReadOnlyList<string> ModulePaths { get; init; } = [];

    /// <summary>Code that runs in each worker before it takes calls, in the module <c>__main__</c>. If it raises, the worker counts as dead at start.</summary>
    public string? Setup { get; init; }

    /// <summary>What numeric arrays become.</summary>
    public PythonArrays Arrays { get; init; }

    /// <summary>
    /// Each call runs on a thread of its own, beside the others of its worker: for functions that wait, and for interpreters without a global lock, whose threads compute at once and share what
    /// is in their worker. A cancelled call gets its <c>KeyboardInterrupt</c> between two steps of Python code, on CPython; one that waits in C code, and any on PyPy, is not reached, and ends with its worker, and the others
    /// there, after <see cref="WorkerPoolOptions.KillGrace"/>. Jython does so always.
    /// </summary>
    public bool Threads { get; init; }

    /// <summary>
    /// Each call is a microthread (a greenlet) of its worker's one thread, and the module <c>stackless</c> is there with <c>tasklet</c>, <c>channel</c>, <c>schedule</c> and <c>run</c>: for thousands of calls
    /// that wait for each other, for channels and for what the host shares. Nothing runs at once, and one that blocks or computes holds up all. Needs the module <c>greenlet</c>, which PyPy has
    /// built in.
    /// </summary>
    public bool Microthreads { get; init; }

    /// <summary>
    /// How many calls may run at once in one worker, 1 or more: coroutines; with <see cref="Threads"/>, and on Jython, any calls. Null: 10 000 coroutines, or
    /// 256 threads.
    /// </summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>Environment variables set in the workers; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Names of this process's variables that the workers get; null for all.</summary>
    public IReadOnlyList<string>? PassedVariables { get; init; }

    /// <summary>The workers' working directory; null for this process's own at the time a worker starts.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The most that the arguments or the result of one call may take, in bytes.</summary>
    public long MaxPayloadBytes { get; init; } = 256L << 20;

    /// <summary>How long a worker may take to start.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an interpreter may take to import a function's module and decode its arguments, and, by itself, to encode its result, where the
    /// call has a timeout or a token. Timeouts count the function alone, from its call to the completion of its coroutine. Infinite for no bound.
    /// </summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What each call may use that sets no limits of its own; null for no limits. A call with limits has its worker for itself: a coroutine, too, shares it with no other.</summary>
    public Limits? Limits { get; init; }

    /// <summary>How many workers are kept ready beside those that take calls, to take the place of one that died or was killed. Each costs the memory of an idle interpreter.</summary>
    public int Spares { get; init; }

    /// <summary>When workers that are well are replaced; null for never.</summary>
    public RecyclingOptions? Recycling { get; init; }

    /// <summary>
    /// What is taken from a worker before it is killed for a timeout: the Python stacks of all its threads, as <see cref="CallTimeoutException.Stacks"/>, by the interpreter's own
    /// <c>faulthandler</c>; in C code and while the global lock is held, too. Takes a few milliseconds. Null for nothing. There are no dumps of Python workers.
    /// </summary>
    public EvidenceOptions? Evidence { get; init; } = new();

    /// <summary>What happens to log records for which there is no room. Python workers write over a socket: <see cref="LogFullMode.Grow"/> is as <see cref="LogFullMode.Wait"/>.</summary>
    public LogFullMode LogFull { get; init; }

    /// <summary>More deaths than this, at start or while idle, within <see cref="RestartWindow"/> break the pool.</summary>
    public int RestartLimit { get; init; } = 5;

    /// <summary>The window of <see cref="RestartLimit"/>. Deaths since a worker became ready count however long ago they are: starts that hang take longer than this.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromSeconds(30);

    internal override void Validate()
    {
        base.Validate();
        if (OnWorkerStart is not null)
            throw new ArgumentException($"Python workers run no .NET code: use {nameof(Setup)}.", nameof(OnWorkerStart));
        ArgumentNullException.ThrowIfNull(ModulePaths);
        foreach (string path in ModulePaths)
        {
            if (!Path.Exists(path))
                throw new DirectoryNotFoundException($"The module path does not exist: {path}");
        }
        if (!Enum.IsDefined(Arrays))
            throw new ArgumentOutOfRangeException(nameof(Arrays), Arrays, "No such value.");
        if (Threads && Microthreads)
            throw new ArgumentException("A call runs on a thread or as a microthread: set one of both.", nameof(Microthreads));
        if (MaxConcurrency is { } most)
            ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(MaxConcurrency));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPayloadBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPayloadBytes, int.MaxValue - 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(RestartLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(Spares);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Spares, 1024);
        Recycling?.Validate();
        if (Evidence?.DumpFolder is not null)
            throw new ArgumentException("A dump is of a .NET process: leave DumpFolder out. Stacks are Python's own.", nameof(Evidence));
        Evidence?.Validate();
        if (!Enum.IsDefined(LogFull))
            throw new ArgumentOutOfRangeException(nameof(LogFull), LogFull, "No such mode.");
        Durations.Check(StartTimeout, nameof(StartTimeout));
        Durations.Check(TransferTimeout, nameof(TransferTimeout));
        Durations.CheckNotNegative(RestartWindow, nameof(RestartWindow));
        ProcessChecks.Validate(WorkingDirectory, null, Environment);
        ProcessChecks.Validate(Limits, Timeout, null);
    }
}
