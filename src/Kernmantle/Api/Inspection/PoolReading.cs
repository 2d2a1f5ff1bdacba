using Kernmantle.Functions;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Api.Inspection;

/// <summary>What was read of one pool under its lock, for which only what is cheap is read.</summary>
internal sealed class PoolReading
{
    /// <summary>An inline pool has as many as there are callers.</summary>
    private const int MaxWorkers = 500;

    private readonly Scheduler pool;
    private readonly PoolState state;
    private readonly PoolStatistics statistics;
    private readonly List<WorkerReading> workers = [];
    private readonly List<Func<FunctionSnapshot>> functions = [];

    private PoolReading(Scheduler pool, int mostRunning)
    {
        this.pool = pool;
        (state, statistics) = (pool.State, pool.Statistics);
        long? limit = pool.Kind.DefaultLimits?.MemoryBytes;
        List<CallReading> running = [];
        foreach (Slot slot in pool.Slots)
        {
            Call? current = Interventions.RunningIn(slot);
            CallReading? call = current is null ? null : Read(slot, current);
            if (call is not null && current is not null && !slot.Interleaved.Contains(current))
                running.Add(call);
            running.AddRange(slot.Interleaved.OrderBy(static each => each.BegunAt).Take(mostRunning).Select(each => Read(slot, each)));
            if (workers.Count < MaxWorkers)
                workers.Add(new(SnapshotReader.IdOf(pool, slot), slot.Name, StateOf(slot), slot.Worker?.ProcessId, call, slot.Running, slot.Ready ? slot.Wear.Calls : 0, slot.Ready ? pool.Clock.GetElapsedTime(slot.Readiness.At) : null, current?.Limits?.MemoryBytes ?? limit));
        }
        Longest = [.. running.OrderByDescending(static call => call.Elapsed).Take(mostRunning)];
        foreach (FunctionFigures figures in pool.Figures.All)
            functions.Add(Read(figures));
    }

    /// <summary>The calls that have run longest.</summary>
    public IReadOnlyList<CallReading> Longest { get; }

    public static PoolReading Of(Scheduler pool, int mostRunning)
    {
        lock (pool.Gate)
            return new(pool, mostRunning);
    }

    /// <summary>Outside of the lock.</summary>
    public PoolSnapshot ToSnapshot(IReadOnlyList<Death> deaths) => new()
    {
        Number = pool.Number,
        Name = pool.Options.Name,
        Kind = pool.Kind.Place,
        State = state,
        Queued = statistics.Queued,
        QueueCapacity = pool.Options.QueueCapacity,
        Waiting = statistics.Waiting,
        Running = statistics.Running,
        Completed = statistics.Completed,
        Failed = statistics.Failed,
        Cancelled = statistics.Cancelled,
        Retried = statistics.Retried,
        Replaced = statistics.Replaced,
        Recycled = statistics.Recycled,
        Spares = statistics.Spares,
        Workers = [.. workers.Select(worker => worker.ToSnapshot(deaths.LastOrDefault(death => death.PoolNumber == pool.Number && death.Worker == worker.Name)))],
        Functions = [.. functions.Select(static read => read())],
    };

    private CallReading Read(Slot slot, Call call) => new(
        call.Id,
        call.Options.Name,
        call.Function,
        call.Function is null ? call.Delegate : null,
        pool.Options.Name,
        slot.Name,
        call is QuickCall { Sequence: > 0, WatchedSince: 0 } quick ? TimeSpan.FromMilliseconds(Environment.TickCount64 - quick.HandedOverAt)
            : call is QuickCall { Sequence: > 0 } timed ? pool.Clock.GetElapsedTime(timed.WatchedSince)
            : call.BegunAt == 0 ? TimeSpan.Zero : pool.Clock.GetElapsedTime(call.BegunAt),
        call.Attempt,
        call.Count);

    private static string StateOf(Slot slot) =>
        slot.IsParked ? "parked" : slot.Worker is null ? "missing" : !slot.Ready ? "starting" : slot.Running > 0 ? "busy" : "idle";

    /// <summary>The figures now; the name later.</summary>
    private static Func<FunctionSnapshot> Read(FunctionFigures figures)
    {
        (long completed, long failed, long cancelled) = (figures.Completed, figures.Failed, figures.Cancelled);
        Latencies latencies = figures.Latencies;
        (double sum, double p50, double p90, double p99, double longest) = (figures.TotalSeconds, latencies.Quantile(0.5), latencies.Quantile(0.9), latencies.Quantile(0.99), latencies.Longest.TotalSeconds);
        LatencySnapshot[] histogram = [.. latencies.Powers().Select(static part => new LatencySnapshot { From = part.From, Calls = part.Calls })];
        return () => new()
        {
            Name = figures.Name,
            Completed = completed,
            Failed = failed,
            Cancelled = cancelled,
            TotalSeconds = sum,
            P50 = p50,
            P90 = p90,
            P99 = p99,
            Longest = longest,
            Histogram = histogram,
        };
    }

    /// <summary>A call, whose delegate is there where its function has no other identity: kept no longer than it takes to say its name.</summary>
    internal sealed record CallReading(long Id, string? GivenName, Function? Function, Delegate? Delegate, string Pool, string Worker, TimeSpan Elapsed, int Attempt, int Items)
    {
        public CallSnapshot ToSnapshot() => new()
        {
            Id = Id,
            Name = GivenName ?? Function?.DisplayName ?? Kernmantle.Functions.Function.NameOf(Delegate!),
            Pool = Pool,
            Worker = Worker,
            Seconds = Elapsed.TotalSeconds,
            Attempt = Attempt,
            Items = Items,
        };
    }

    private sealed record WorkerReading(string Id, string Name, string State, int? ProcessId, CallReading? Call, int Running, long Calls, TimeSpan? Age, long? MemoryLimit)
    {
        public WorkerSnapshot ToSnapshot(Death? death)
        {
            using ProcessGauges? gauges = ProcessId is { } id && ProcessGauges.IsSupported ? new(id) : null;
            return new()
            {
                Id = Id,
                Name = Name,
                State = State,
                ProcessId = ProcessId,
                Call = Call?.ToSnapshot(),
                Running = Running,
                Calls = Calls,
                CpuSeconds = gauges?.CpuTime().TotalSeconds,
                MemoryBytes = gauges?.ResidentBytes(),
                MemoryLimitBytes = MemoryLimit,
                AgeSeconds = Age?.TotalSeconds,
                LastDeath = death?.Message,
                LastDeathAt = death?.At,
            };
        }
    }
}
