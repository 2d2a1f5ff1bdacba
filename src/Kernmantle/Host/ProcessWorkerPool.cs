using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Launch;
using Kernmantle.Host.Limiting;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Logging;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;

namespace Kernmantle.Host;

/// <summary>A pool of worker processes.</summary>
internal sealed class ProcessWorkerPool : ScheduledPool
{
    /// <summary>For workers that die faster than they can be reaped.</summary>
    private const int SparePlaces = 64;

    private readonly LinkSettings settings;
    private readonly KnownFunctions known = new();
    private readonly CompletionPump? pump;
    private readonly LimitWatch watch;
    private readonly IReadOnlyDictionary<string, GroupPlace> places;
    private volatile bool hasEnded;

    public ProcessWorkerPool(int workers, ProcessPoolOptions options)
        : base(workers, workers, options, recycling: options.Recycling)
    {
        WorkerProcess.EnsureSupported(options.MaxDepth);
        RestartIntensity = (options.RestartLimit, options.RestartWindow);
        SpareCount = options.Spares;
        EncodeLimit = options.MaxPayloadBytes;
        TransferTimeout = options.TransferTimeout;
        places = options.UseControlGroups ? GroupPlaces.Current : new Dictionary<string, GroupPlace>();
        if (options.Limits is { } limits)
            EnsureEnforceable(limits);
        watch = new(options.TimeProvider, places);
        DefaultLimits = options.Limits;
        settings = new()
        {
            Limits = watch,
            Known = known,
            Evidence = options.Evidence,
            DropsLog = options.LogFull == LogFullMode.Drop,
            Launch = new()
            {
                WorkerName = options.Name,
                Depth = WorkerProcess.CurrentDepth + 1,
                Environment = options.Environment,
                PassedVariables = options.PassedVariables,
                WorkingDirectory = options.WorkingDirectory,
                ManagedHeapLimitBytes = options.ManagedHeapLimitBytes,
                ProcessorShare = Math.Max(1, Environment.ProcessorCount / workers),
            },
            Loggers = options.Loggers,
            Log = Log,
            WorkerCategory = LogCategories.OfWorkersOf(options.Name),
            Clock = options.TimeProvider,
            StartTimeout = options.StartTimeout,
            TransferTimeout = options.TransferTimeout,
            MaxPayloadBytes = options.MaxPayloadBytes,
            StreamWindow = options.StreamWindow,
            FrameWindow = options.FrameWindow,
            WaitForDebugger = options.WaitForDebugger,
            ManagedHeapLimitBytes = options.ManagedHeapLimitBytes,
            Initializer = Initializer(options),
        };
        if (TransportChoice.UseSharedMemory(options.Transport, Log))
        {
            // One worker may be dying, another starting in each slot.
            pump = new(workers * 2 + SparePlaces, RelieveStuckSlots, this);
            settings = settings with { Shared = new(pump, options.RingBytes, Environment.ProcessorCount > 1 ? options.SpinBudget : TimeSpan.Zero, FrameLimits.MaxBody(options.MaxPayloadBytes), options.LogFull == LogFullMode.Grow) };
        }
    }

    private protected override long EncodeLimit { get; }

    private protected override (int Limit, TimeSpan Window) RestartIntensity { get; }

    private protected override int SpareCount { get; }

    private protected override Limits? DefaultLimits { get; }

    private protected override TimeSpan TransferTimeout { get; }

    private protected override bool HasQuickWay => pump is not null;

    private protected override bool SharesMemory => pump is not null;

    public override EnforcedLimits EnforcedLimits => field ??= ProcessEnforcement.Of(places);

    private protected override Task WarmCoreAsync(Delegate function)
    {
        Function known = Function.Of(function, FunctionShape.Of(function));
        this.known.Add(known);
        return WarmWorkersAsync(known);
    }

    internal override bool HasEnded => hasEnded;

    private protected override void OnEnded()
    {
        watch.Dispose();
        pump?.Dispose();
        hasEnded = true;
        SharedBlocks.Forget(this);
    }

    private protected override PoolWorker CreateWorker(Slot slot, string name, int id) => new ProcessLink(this, name, id, settings);

    /// <summary>A worker that has run a function, whatever it was, runs the next one some milliseconds sooner: a spare is there for that.</summary>
    private static void WarmUp()
    {
    }

    private static ValueCall<ValueTuple, Unit>? Initializer(ProcessPoolOptions options)
    {
        if ((options.OnWorkerStart ?? (options.Spares > 0 ? WarmUp : null)) is not { } function)
            return null;
        var shape = new FunctionShape(function is Action ? ReturnKind.Value : ReturnKind.Task, IsVoid: true, HasToken: false);
        var call = new ValueCall<ValueTuple, Unit>(function, shape, default, null, new() { Name = nameof(options.OnWorkerStart) }, default);
        call.Encode(options.MaxPayloadBytes);
        return call;
    }
}
