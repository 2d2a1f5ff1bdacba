using System.Collections.Concurrent;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
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
    private readonly string found;
    private readonly ConcurrentDictionary<string, CallDuration> durations = [];
    private readonly TaskCompletionSource<PythonInterpreter> interpreter = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LinkSettings? settings;

    /// <param name="workers">How many.</param>
    /// <param name="options">Checked.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    /// <exception cref="PythonNotFoundException">No interpreter was found.</exception>
    public PythonKind(int workers, PythonPoolOptions options)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Python workers need Linux: they are started, watched and ended by its means.");
        (this.workers, this.options) = (workers, options);
        RestartIntensity = (options.RestartLimit, options.RestartWindow);
        found = InterpreterLocator.Find(options.Interpreter);
    }

    public override void Attach(Scheduler scheduler)
    {
        var shared = new PythonSettings(options, found, scheduler.Log, Memory, described => interpreter.TrySetResult(described));
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

    /// <summary>Completes once the first worker takes calls.</summary>
    public Task<PythonInterpreter> Interpreter => interpreter.Task;

    /// <summary>How long the calls of a function take, as its maps have found out.</summary>
    public CallDuration DurationOf(string function) => durations.GetOrAdd(function, static _ => new());

    public override int MaxInterleaved => options.MaxCoroutines;

    public override long EncodeLimit => options.MaxPayloadBytes;

    public override TimeSpan TransferTimeout => options.TransferTimeout;

    public override (int Limit, TimeSpan Window) RestartIntensity { get; }

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new ProcessPoolWorker(owner, name, id, settings!);

    public override void OnEnded() => Memory.Dispose();
}
