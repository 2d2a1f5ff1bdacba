using System.Collections.Concurrent;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Logging;
using Kernmantle.Python.Agent;
using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Memory;
using Kernmantle.Scheduling;

namespace Kernmantle.Python.Workers;

/// <summary>The scheduler of all pools, with interpreters as workers.</summary>
internal sealed class PythonScheduler : ScheduledPool
{
    private readonly LinkSettings settings;
    private readonly ConcurrentDictionary<string, CallDuration> durations = [];
    private readonly TaskCompletionSource<PythonInterpreter> interpreter = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PythonScheduler(int workers, PythonPoolOptions options)
        : base(workers, workers, options, options.MaxCoroutines)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Python workers need Linux: they are started, watched and ended by its means.");
        RestartIntensity = (options.RestartLimit, options.RestartWindow);
        EncodeLimit = options.MaxPayloadBytes;
        TransferTimeout = options.TransferTimeout;
        Memory = new();
        string found = InterpreterLocator.Find(options.Interpreter);
        var shared = new PythonSettings(options, found, Log, Memory, described => interpreter.TrySetResult(described));
        settings = new()
        {
            Launch = new()
            {
                WorkerName = options.Name,
                Environment = options.Environment,
                PassedVariables = options.PassedVariables,
                WorkingDirectory = options.WorkingDirectory,
                ProcessorShare = Math.Max(1, Environment.ProcessorCount / workers),
                Program = new(found, ["-c", AgentSource.Loader]),
            },
            Loggers = options.Loggers,
            Log = Log,
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

    public MemoryPool Memory { get; }

    public long MaxPayloadBytes => EncodeLimit;

    /// <summary>Completes once the first worker takes calls.</summary>
    public Task<PythonInterpreter> Interpreter => interpreter.Task;

    /// <summary>How long the calls of a function take, as its maps have found out.</summary>
    public CallDuration DurationOf(string function) => durations.GetOrAdd(function, static _ => new());

    private protected override long EncodeLimit { get; }

    private protected override TimeSpan TransferTimeout { get; }

    private protected override (int Limit, TimeSpan Window) RestartIntensity { get; }

    private protected override PoolWorker CreateWorker(Slot slot, string name, int id) => new ProcessLink(this, name, id, settings);

    private protected override void OnEnded() => Memory.Dispose();
}
