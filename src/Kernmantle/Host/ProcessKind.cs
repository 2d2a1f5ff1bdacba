using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Host.Launch;
using Kernmantle.Host.Limiting;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Host.Tuning;
using Kernmantle.Logging;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host;

/// <summary>Worker processes: this program, started again.</summary>
internal sealed class ProcessKind : WorkerKind, IBufferOwner
{
    /// <summary>For workers that die faster than they can be reaped.</summary>
    private const int SparePlaces = 64;

    private readonly int workers;
    private readonly ProcessPoolOptions options;
    private readonly KnownFunctions known;
    private readonly LimitWatch watch;
    private readonly IReadOnlyDictionary<string, GroupPlace> places;
    private Scheduler? scheduler;
    private LinkSettings? settings;
    private CompletionPump? pump;
    private double awakeMicroseconds;
    private volatile bool hasEnded;

    /// <param name="workers">How many.</param>
    /// <param name="options">Checked.</param>
    /// <exception cref="PlatformNotSupportedException">This program cannot be started again as a worker.</exception>
    /// <exception cref="NotSupportedException">This machine cannot hold workers to a limit of the options.</exception>
    public ProcessKind(int workers, ProcessPoolOptions options)
    {
        WorkerProcess.EnsureSupported(options.MaxDepth);
        if (options.SparesOf is { } donor && WhyNone(donor) is { } why)
            throw new ArgumentException($"{donor.Name}, whose spares the pool is to take, {why}", nameof(options));
        (this.workers, this.options) = (workers, options);
        known = new(options.Spares > 0 ? WarmSpares : null);
        RestartIntensity = (options.RestartLimit, options.RestartWindow);
        places = options.UseControlGroups ? GroupPlaces.Current : new Dictionary<string, GroupPlace>();
        EnforcedLimits = ProcessEnforcement.Of(places);
        if (options.Limits is { } limits)
            EnforcedLimits.EnsureEnforces(limits);
        watch = new(options.TimeProvider, places);
    }

    public override void Attach(Scheduler scheduler)
    {
        this.scheduler = scheduler;
        settings = new()
        {
            Limits = watch,
            Known = known,
            Others = options.SparesOf is { } donor ? new(donor.Scheduler, scheduler.Log) : null,
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
            Log = scheduler.Log,
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
        if (TransportChoice.UseSharedMemory(options.Transport, scheduler.Log))
        {
            // One worker may be dying, another starting in each slot.
            pump = new(workers * 2 + SparePlaces, scheduler.RelieveStuckSlots, this);
            TimeSpan budget = Environment.ProcessorCount == 1 ? TimeSpan.Zero : options.SpinBudget ?? MachineTiming.Here.SpinBudget;
            awakeMicroseconds = Math.Min(MachineTiming.Here.AwakeFor.TotalMicroseconds, budget.TotalMicroseconds);
            settings = settings with { Shared = new(pump, options.RingBytes, budget, FrameLimits.MaxBody(options.MaxPayloadBytes), options.LogFull == LogFullMode.Grow) };
        }
    }

    public override long EncodeLimit => options.MaxPayloadBytes;

    public override (int Limit, TimeSpan Window) RestartIntensity { get; }

    public override int Spares => options.Spares;

    public override RecyclingOptions? Recycling => options.Recycling;

    public override Limits? DefaultLimits => options.Limits;

    public override TimeSpan TransferTimeout => options.TransferTimeout;

    public override bool HasQuickWay => pump is not null;

    public override double AwakeMicroseconds => awakeMicroseconds;

    public override int LargestInRing => pump is null ? int.MaxValue : RingRecord.LargestBody(options.RingBytes) - QuickRequests.LongestHead;

    public override IBufferOwner? Buffers => pump is null ? null : this;

    public override EnforcedLimits EnforcedLimits { get; }

    public bool HasEnded => hasEnded;

    public override Task WarmAsync(Delegate function)
    {
        Function known = Function.Of(function, FunctionShape.Of(function));
        this.known.Add(known);
        return scheduler!.Supervisor.WarmAsync(known);
    }

    public override void OnEnded()
    {
        watch.Dispose();
        pump?.Dispose();
        hasEnded = true;
        SharedBlocks.Forget(this);
    }

    public override string Place => "processes";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new ProcessPoolWorker(owner, name, id, settings!);

    /// <summary>A spare that is there already must not be the one worker that does not know what the others have been called with since.</summary>
    private void WarmSpares(Function function) =>
        ThreadPool.UnsafeQueueUserWorkItem(static s => s.Supervisor.WarmSpares(s.Function), (scheduler!.Supervisor, Function: function), preferLocal: false);

    /// <summary>Why that pool has no spares to give away; null if it has.</summary>
    private static string? WhyNone(WorkerPool donor) =>
        donor.Scheduler.Kind is not ProcessKind { options: var its } ? "is no pool of processes."
        : its.Spares == 0 ? $"has none: set its {nameof(ProcessPoolOptions.Spares)}."
        : its.OnWorkerStart is not null ? $"has run its {nameof(ProcessPoolOptions.OnWorkerStart)} in them: what that left would be in this pool's workers. Leave it out there; that of this pool runs when it takes one."
        : null;

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
