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
    /// <summary>The default options.</summary>
    public PythonPoolOptions() => Name = "python";

    /// <summary>
    /// The interpreter: a path, or a name that is looked for in <c>PATH</c>. Null: what <c>KERNMANTLE_PYTHON</c> names, else the active virtual
    /// environment's, else <c>python3</c>. CPython 3.8 or later, or PyPy 3.
    /// </summary>
    public string? Interpreter { get; init; }

    /// <summary>Folders that are searched for modules first.</summary>
    public IReadOnlyList<string> ModulePaths { get; init; } = [];

    /// <summary>Code that runs in each worker before it takes calls, in the module <c>__main__</c>. If it raises, the worker counts as dead at start.</summary>
    public string? Setup { get; init; }

    /// <summary>What numeric arrays become.</summary>
    public PythonArrays Arrays { get; init; }

    /// <summary>How many coroutines may run at once in one worker; 1 or more.</summary>
    public int MaxCoroutines { get; init; } = 10_000;

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

    /// <summary>More deaths than this, at start or while idle, within <see cref="RestartWindow"/> break the pool.</summary>
    public int RestartLimit { get; init; } = 5;

    /// <summary>The window of <see cref="RestartLimit"/>.</summary>
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
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCoroutines, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPayloadBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPayloadBytes, int.MaxValue - 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(RestartLimit);
        Durations.Check(StartTimeout, nameof(StartTimeout));
        Durations.CheckNotNegative(RestartWindow, nameof(RestartWindow));
        ProcessChecks.Validate(WorkingDirectory, null, Environment);
    }
}
