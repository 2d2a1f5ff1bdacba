using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Many calls at once.</summary>
internal static class ThroughputTopic
{
    public static Topic Topic => new(
        [Tiny, Map, MapArray, MapPlaces, MapRecords, MapTexts, Scaling],
        [
            new("tiny", "100 000 tiny calls", "ours.tiny", ["dotnet.task-tiny"], AtLeastTimes, 0.4),
            new("tiny", "100 000 tiny calls, best of several processes", "ours.tiny", ["python.executor-tiny", "python.pool-tiny", "python.loky-tiny", "node.workerpool-tiny"], AtLeastTimes, 5),
            new("tiny", "100 000 calls with a text", "ours.tiny-texts", ["dotnet.task-tiny-texts"], AtLeastTimes, 0.4),
            new("map-array", "integers to an array", "ours.map-array", ["python.pool-map"], AtLeastTimes, 10),
            new("map-array", "integers to an array", "ours.map-array", ["dotnet.plinq-array"], AtLeastTimes, 1),
            new("map-places", "pairs of numbers to an array", "ours.map-array-places", ["python.pool-map-places"], AtLeastTimes, 10),
            new("map-places", "pairs of numbers to an array", "ours.map-array-places", ["dotnet.plinq-array-places"], AtLeastTimes, 1),
            new("map-records", "records of 200 bytes to an array", "ours.map-array-records", ["python.pool-map-records"], AtLeastTimes, 5),
            new("map-records", "records of 200 bytes to an array, to what the serializer alone allows", "ours.map-array-records", ["dotnet.serializer-rate"], AtLeastTimes, 0.6),
            new("map-texts", "texts to an array", "ours.map-array-texts", ["python.pool-map-texts"], AtLeastTimes, 5),
            new("map", "map over integers", "ours.map", ["python.pool-map"], AtLeastTimes, 2),
            new("map", "map over integers", "ours.map", ["python.pool-imap"], AtLeastTimes, 1.5),
            new("map", "map over integers", "ours.map", ["dotnet.plinq"], AtLeastTimes, 0.4),
            new("map-records", "map over records of 200 bytes", "ours.map-records", ["python.pool-map-records"], AtLeastTimes, 4),
            new("scaling", "two workers against one", "ours.scaling", ["dotnet.bare-scaling"], AtLeastTimes, 0.97),
        ]);

    // A rate needs no hundred thousand calls: quick runs make fewer of those that take seconds.
    private static readonly Counts Slow = new(10_000, 100_000), Fast = new(100_000, 100_000), Records = new(20_000, 100_000);

    private static Group Tiny { get; } = new(
        "tiny",
        "100 000 tiny calls at once, 2 workers",
        new(Ours, "tiny", "process pool, RunAsync and WhenAll") { Count = Fast },
        new(Dotnet, "task-tiny", "Task.Run and WhenAll") { Count = Fast },
        new(Ours, "tiny-texts", "process pool, RunAsync of a text and WhenAll") { Count = Fast },
        new(Dotnet, "task-tiny-texts", "Task.Run of a text and WhenAll") { Count = Fast },
        new(Side.Python, "executor-tiny", "Python ProcessPoolExecutor, submit") { Count = Slow },
        new(Side.Python, "pool-tiny", "Python multiprocessing.Pool, apply_async") { Count = Slow },
        new(Side.Python, "loky-tiny", "joblib.Parallel (loky, batches by itself)") { Count = Fast },
        new(Node, "workerpool-tiny", "workerpool (processes)") { Count = Slow },
        new(Node, "piscina-tiny", "piscina (worker_threads)") { Count = Slow },
        new(Node, "tinypool-tiny", "tinypool (worker_threads)") { Count = Slow });

    private static Group Map { get; } = new(
        "map",
        "A map over 10 million integers (quick: 1 million), 2 workers",
        new(Ours, "map", "process pool, MapUnorderedAsync") { Count = new(1_000_000, 10_000_000) },
        new(Side.Python, "pool-map", "Python multiprocessing.Pool.map at its best chunk size") { Count = new(1_000_000, 10_000_000) },
        new(Side.Python, "pool-imap", "Python multiprocessing.Pool.imap_unordered at that chunk size") { Count = new(1_000_000, 10_000_000) },
        new(Dotnet, "plinq", "PLINQ, 2 threads, results enumerated") { Count = new(1_000_000, 10_000_000) });

    private static Group MapArray { get; } = new(
        "map-array",
        "10 million integers to one array (quick: 1 million), 2 workers",
        new(Ours, "map-array", "process pool, MapToArrayAsync") { Count = new(1_000_000, 10_000_000) },
        new(Side.Python, "pool-map", "Python multiprocessing.Pool.map at its best chunk size") { Count = new(1_000_000, 10_000_000) },
        new(Dotnet, "plinq-array", "PLINQ, 2 threads, in order, ToArray") { Count = new(1_000_000, 10_000_000) });

    private static Group MapPlaces { get; } = new(
        "map-places",
        "Pairs of numbers to one array, 2 workers",
        new(Ours, "map-array-places", "process pool, MapToArrayAsync") { Count = new(700_000, 3_000_000) },
        new(Side.Python, "pool-map-places", "Python multiprocessing.Pool.map of tuples at its best chunk size") { Count = new(700_000, 3_000_000) },
        new(Dotnet, "plinq-array-places", "PLINQ, 2 threads, in order, ToArray") { Count = new(700_000, 3_000_000) });

    private static Group MapTexts { get; } = new(
        "map-texts",
        "Short texts to one array, 2 workers",
        new(Ours, "map-array-texts", "process pool, MapToArrayAsync") { Count = new(200_000, 1_000_000) },
        new(Side.Python, "pool-map-texts", "Python multiprocessing.Pool.map of strings at its best chunk size") { Count = new(200_000, 1_000_000) });

    private static Group MapRecords { get; } = new(
        "map-records",
        "A map over records of some 200 bytes, 2 workers, results in order",
        new(Ours, "map-records", "process pool, MapAsync") { Count = Records },
        new(Ours, "map-array-records", "process pool, MapToArrayAsync") { Count = Records },
        new(Side.Python, "pool-map-records", "Python multiprocessing.Pool.map of dataclasses at its best chunk size") { Count = Records },
        new(Dotnet, "serializer-rate", "the serializer alone, an item encoded and decoded twice, on 2 threads") { Count = Records },
        new(Dotnet, "plinq-records", "PLINQ, 2 threads, in order: nothing is copied") { Count = Records });

    private static Group Scaling { get; } = new(
        "scaling",
        "Work that only needs a processor: two against one",
        new(Ours, "scaling", "process pool, 2 workers against 1") { Count = new(60, 400) },
        new(Dotnet, "bare-scaling", "two bare processes against one") { Count = new(60, 400) });
}
