using System.Collections.Concurrent;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Limiting;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Logging;
using Kernmantle.Python.Agent;
using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Memory;
using Kernmantle.Scheduling;

namespace Kernmantle.Python.Workers;

/// <summary>Python interpreters, each in a process of its own.</summary>
internal sealed class PythonKind : WorkerKind
{
    private readonly int workers;
    private readonly PythonPoolOptions options;
    private readonly FoundInterpreter found;
    private readonly ConcurrentDictionary<string, CallDuration> durations = [];
    private readonly TaskCompletionSource<PythonInterpreter> interpreter = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LinkSettings? settings;

    /// <param name="workers">How many.</param>
    /// <param name="options">Checked.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="PythonNotFoundException">No interpreter was found.</exception>
    /// <exception cref="NotSupportedException">This machine cannot hold workers to a limit of the options, or this interpreter cannot do what they say.</exception>
    public PythonKind(int workers, PythonPoolOptions options)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Python workers need Linux: they are started, watched and ended by its means.");
        (this.workers, this.options) = (workers, options);
        RestartIntensity = (options.RestartLimit, options.RestartWindow);
        EnforcedLimits = ProcessEnforcement.Of(GroupPlaces.Current);
        if (options.Limits is { } limits)
            EnforcedLimits.EnsureEnforces(limits);
        found = InterpreterLocator.Find(options.Interpreter);
        if (found.Agent == AgentSource.Python3 && (options.Threads || options.Microthreads))
            found = found with { Agent = options.Microthreads ? AgentSource.Python3Microthreads : AgentSource.Python3Threads };
        else if (options.Microthreads)
            throw new NotSupportedException("Jython has no microthreads: each of its calls has a thread. Leave Microthreads out, or use CPython or PyPy.");
        if (IsPython2 && options.LogFull == LogFullMode.Drop)
            throw new NotSupportedException("Jython's workers wait while there is no room for log records, and drop none: leave LogFull out.");
    }

    public override void Attach(Scheduler scheduler)
    {
        var shared = new PythonSettings(options, found, scheduler.Log, Memory, described => interpreter.TrySetResult(described));
        settings = new()
        {
            Limits = new(options.TimeProvider, GroupPlaces.Current),
            Evidence = options.Evidence,
            Launch = new()
            {
                WorkerName = options.Name,
                Environment = options.Environment,
                PassedVariables = options.PassedVariables,
                WorkingDirectory = options.WorkingDirectory,
                ProcessorShare = Math.Max(1, Environment.ProcessorCount / workers),
                Program = new(found.Path, ["-c", found.Agent.Loader]),
            },
            Loggers = options.Loggers,
            Log = scheduler.Log,
            WorkerCategory = LogCategories.OfWorkersOf(options.Name),
            Clock = options.TimeProvider,
            StartTimeout = options.StartTimeout,
            TransferTimeout = options.TransferTimeout,
            MaxPayloadBytes = options.MaxPayloadBytes,
            StreamWindow = options.FrameWindow,
            FrameWindow = options.FrameWindow,
            Dialect = () => new PythonDialect(shared),
        };
    }

    public MemoryPool Memory { get; } = new();

    /// <summary>For one call.</summary>
    /// <param name="lends">As <see cref="CallMemory"/> has it.</param>
    public CallMemory NewMemory(bool lends) => new(Memory, options.MaxPayloadBytes, lends, isPython2: IsPython2);

    /// <summary>Completes once the first worker takes calls.</summary>
    public Task<PythonInterpreter> Interpreter => interpreter.Task;

    /// <summary>How long the calls of a function take, as its maps have found out.</summary>
    public CallDuration DurationOf(string function) => durations.GetOrAdd(function, static _ => new());

    /// <summary>Jython, whose language is Python 2.</summary>
    public bool IsPython2 => found.Agent == AgentSource.Jython;

    /// <summary>Each call has a thread of its own.</summary>
    public bool HasThreads => found.Agent.HasThreads;

    public override int MaxInterleaved => options.MaxConcurrency ?? (HasThreads && !options.Microthreads ? PythonPoolOptions.DefaultThreads : PythonPoolOptions.DefaultCoroutines);

    public override long EncodeLimit => options.MaxPayloadBytes;

    public override TimeSpan TransferTimeout => options.TransferTimeout;

    public override (int Limit, TimeSpan Window) RestartIntensity { get; }

    public override int Spares => options.Spares;

    public override RecyclingOptions? Recycling => options.Recycling;

    public override Limits? DefaultLimits => options.Limits;

    public override EnforcedLimits EnforcedLimits { get; }

    public override string Place => "python";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new ProcessPoolWorker(owner, name, id, settings!);

    public override void OnEnded()
    {
        settings!.Limits!.Dispose();
        Memory.Dispose();
    }
}
