using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Kernmantle.SharedBuffers;

namespace Kernmantle.Telemetry;

/// <summary>
/// The instruments of one meter: that of the process, or of one <see cref="IMeterFactory"/>. What is counted is kept in a <see cref="PoolSeries"/> and read when somebody collects, on his thread;
/// only durations are recorded one by one. Thread-safe.
/// </summary>
internal sealed class Instruments
{
    /// <summary>Pools of further names share a series: their names may be made up without end.</summary>
    public const int MostPools = 100;

    /// <summary>What names are that are too many; the word of the semantic conventions.</summary>
    public const string Other = "_OTHER";

    private static readonly Lazy<Instruments> OfProcess = new(static () => new(new Meter(KernmantleTelemetry.Name, KernmantleTelemetry.Version)));
    private static readonly ConditionalWeakTable<IMeterFactory, Instruments> OfFactories = [];

    /// <summary>Calls of a process pool take from some microseconds on, so there are buckets below the conventions' 5 ms.</summary>
    private static readonly double[] Seconds =
        [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Dictionary<(string Pool, string Place), PoolSeries> pools = [];
    private readonly Lock gate = new();

    private Instruments(Meter meter)
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds };
        CallDuration = meter.CreateHistogram("rpc.client.call.duration", "s", "How long calls took, from the call to its end, all attempts and the wait in the queue included.", tags: null, advice);
        QueueWait = meter.CreateHistogram("kernmantle.queue.wait", "s", "How long calls that had to wait for a worker waited.", tags: null, advice);
        Sent = meter.CreateCounter<long>("kernmantle.call.sent", "By", "Arguments and captured variables of calls, as they crossed.");
        Dropped = meter.CreateCounter<long>("kernmantle.telemetry.dropped", "{item}", "Measurements that were not recorded, since a listener takes them too slowly.");
        meter.CreateObservableCounter("kernmantle.telemetry.dropped_spans", static () => Recorder.Dropped, "{span}", "Spans that were not told of, since a listener takes them too slowly.");
        meter.CreateObservableUpDownCounter("kernmantle.queue.length", QueueLengths, "{call}", "Calls, and items of maps, that have not begun.");
        meter.CreateObservableUpDownCounter("kernmantle.workers", Workers, "{worker}", "Workers, by what they do.");
        meter.CreateObservableCounter("kernmantle.calls", () => Counted(static p => p.Calls(), "kernmantle.outcome"), "{call}", "Calls, and items of maps, that have ended, by how.");
        meter.CreateObservableCounter("kernmantle.call.retries", () => Counted(static p => p.Retries), "{call}", "Attempts that were repeated.");
        meter.CreateObservableCounter("kernmantle.worker.deaths", () => Counted(static p => p.Deaths.Counts, "kernmantle.reason"), "{worker}", "Workers that ended by themselves, or were ended by somebody else, by why.");
        meter.CreateObservableCounter("kernmantle.worker.kills", () => Counted(static p => p.Kills.Counts, "kernmantle.reason"), "{worker}", "Workers that their pool ended for the sake of a call, by why.");
        meter.CreateObservableCounter("kernmantle.worker.restarts", () => Counted(static p => p.Restarts.Counts, "kernmantle.reason"), "{worker}", "Workers that took the place of another one, by why.");
        meter.CreateObservableUpDownCounter("kernmantle.shared_memory.usage", SharedMemory, "By", "Memory that is shared with workers: rings and segments of each pool, and shared objects of the process.");
        meter.CreateObservableCounter("process.cpu.time", () => OfWorkers(static w => w.ProcessorTime.TotalSeconds), "s", "Processor time of worker processes.");
        meter.CreateObservableUpDownCounter("process.memory.usage", () => OfWorkers(static w => w.ResidentBytes), "By", "Resident memory of worker processes.");
    }

    public Histogram<double> CallDuration { get; }

    public Histogram<double> QueueWait { get; }

    public Counter<long> Sent { get; }

    public Counter<long> Dropped { get; }

    /// <summary>Somebody wants to know of each call.</summary>
    public bool AreCallsWanted => CallDuration.Enabled || QueueWait.Enabled || Sent.Enabled;

    /// <param name="factory">Null: the process has one meter.</param>
    public static Instruments Of(IMeterFactory? factory) => factory is null
        ? OfProcess.Value
        : OfFactories.GetValue(factory, static f => new(f.Create(new MeterOptions(KernmantleTelemetry.Name) { Version = KernmantleTelemetry.Version })));

    /// <summary>What is known of pools of that name and place.</summary>
    public PoolSeries Of(string pool, string place)
    {
        lock (gate)
        {
            if (!pools.ContainsKey((pool, place)) && pools.Count >= MostPools)
                pool = Other;
            if (!pools.TryGetValue((pool, place), out PoolSeries? series))
                pools.Add((pool, place), series = new(pool, place, this));
            return series;
        }
    }

    private PoolSeries[] Pools
    {
        get
        {
            lock (gate)
                return [.. pools.Values];
        }
    }

    // --- Read by whoever collects ---

    /// <summary>Durations wait some milliseconds to be recorded: whoever collects is to get them all, so this instrument, which is read first, sees to it.</summary>
    private IEnumerable<Measurement<long>> QueueLengths()
    {
        foreach (PoolSeries pool in Pools)
            pool.Record();
        return OfPools(static g => g.Queued);
    }

    private IEnumerable<Measurement<long>> OfPools(Func<PoolGauges, long> figure) =>
        from pool in Pools select new Measurement<long>(pool.Read().Sum(figure), pool.Tags);

    private IEnumerable<Measurement<long>> Counted(Func<PoolSeries, long> count) =>
        from pool in Pools select new Measurement<long>(count(pool), pool.Tags);

    private IEnumerable<Measurement<long>> Counted(Func<PoolSeries, IEnumerable<KeyValuePair<string, long>>> counts, string key) =>
        from pool in Pools from count in counts(pool) select new Measurement<long>(count.Value, pool.With(key, count.Key));

    private IEnumerable<Measurement<long>> Workers()
    {
        foreach (PoolSeries pool in Pools)
        {
            PoolGauges[] live = pool.Read();
            yield return State("idle", static g => g.Idle);
            yield return State("busy", static g => g.Busy);
            yield return State("starting", static g => g.Starting);
            yield return State("spare", static g => g.Spares);

            Measurement<long> State(string name, Func<PoolGauges, int> figure) => new(live.Sum(figure), pool.With("kernmantle.state", name));
        }
    }

    private IEnumerable<Measurement<long>> SharedMemory() =>
        (from pool in Pools select new Measurement<long>(pool.Workers().Sum(static w => w.SharedBytes), pool.Tags))
            .Append(new(SharedBlocks.TotalBytes));

    private IEnumerable<Measurement<T>> OfWorkers<T>(Func<WorkerGauges, T> figure)
        where T : struct, System.Numerics.INumber<T> =>
        from pool in Pools
        from worker in pool.Workers()
        where worker.IsProcess
        group figure(worker) by (pool, worker.Name) into figures
        select new Measurement<T>(figures.Aggregate(static (a, b) => a + b), figures.Key.pool.With("kernmantle.worker", figures.Key.Name));
}
