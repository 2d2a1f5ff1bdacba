using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Calls as programs make them: with a token, a timeout, a key, limits, a record, to an object that lives in the worker; in bursts, loops, maps and streams.</summary>
internal static class UserCallTopic
{
    private static readonly Counts Slow = new(10_000, 100_000), Fast = new(100_000, 100_000), Items = new(1_000_000, 10_000_000), Records = new(20_000, 100_000);

    public static Topic Topic => new(
        [Calls, Record, Burst, Loop, Map, Stream],
        [
            new("calls", "plain RunAsync, less 0.3 µs, to a cross-core round trip", "ours.run-async", ["c.futex-spin"], AtMostTimes, 4, Slack: 300),
            new("calls", "RunAsync with a token, to plain RunAsync", "ours.run-async-token", ["ours.run-async"], AtMostTimes, 1.3),
            new("calls", "RunAsync with a timeout, to plain RunAsync", "ours.run-async-timeout", ["ours.run-async"], AtMostTimes, 1.3),
            new("calls", "RunAsync with a token and a timeout, to plain RunAsync", "ours.run-async-token-timeout", ["ours.run-async"], AtMostTimes, 1.5),
            new("calls", "RunAsync with a key, to plain RunAsync", "ours.run-async-key", ["ours.run-async"], AtMostTimes, 1.5),
            new("calls", "Remote<T>.CallAsync, to plain RunAsync", "ours.remote-call", ["ours.run-async"], AtMostTimes, 1.5),
            new("calls", "RunAsync with limits, to plain RunAsync", "ours.run-async-limits", ["ours.run-async"], AtMostTimes, 3),
            new("calls", "RunAsync of a function that yields once, to plain RunAsync", "ours.run-async-yield", ["ours.run-async"], AtMostTimes, 3),
            new("calls-record", "record of 200 bytes, awaited, over twice its serializer", "ours.record-async", ["dotnet.record-serializer"], AtMostOverTwice, 2_000),
            new("calls-burst", "100 000 at once with a token and a timeout, to the same without", "ours.tiny-token-timeout", ["ours.tiny"], AtLeastTimes, 0.7),
            new("calls-loop", "Parallel.ForEachAsync over calls with its token", "ours.loop", ["python.executor-loop"], AtLeastTimes, 20),
            new("calls-loop", "Parallel.ForEachAsync over calls with its token", "ours.loop", ["dotnet.task-loop"], AtLeastTimes, 0.1),
            new("calls-map", "map with a captured variable, to the same without", "ours.map-capture", ["ours.map"], AtLeastTimes, 0.7),
            new("calls-map", "map with a timeout, to the same without", "ours.map-timeout", ["ours.map"], AtLeastTimes, 0.7),
            new("calls-map", "map of a function with a token, to one without", "ours.map-token", ["ours.map"], AtLeastTimes, 0.7),
            new("calls-map", "map of records, to the best Pool.map", "ours.map-records", ["python.pool-map-records"], AtLeastTimes, 4),
            new("calls-map", "map of records, to what the serializer alone allows", "ours.map-records", ["dotnet.serializer-rate"], AtLeastTimes, 0.5),
            new("calls-stream", "StreamAsync of integers, to a Channel between two threads", "ours.stream", ["dotnet.channel-stream"], AtLeastTimes, 0.3),
        ]);

    private static Group Calls { get; } = new(
        "calls",
        "What programs call: awaited, and with something more",
        new(Ours, "run-async", "process pool, await RunAsync"),
        new(C, "futex-spin", "C, one cache line there and one back"),
        new(Ours, "run-async-token", "process pool, await RunAsync with a token"),
        new(Ours, "run-async-timeout", "the same with a timeout"),
        new(Ours, "run-async-token-timeout", "the same with a token and a timeout"),
        new(Dotnet, "task-token-timeout", "await Task.Run(f, token).WaitAsync(timeout, token)"),
        new(Side.Python, "executor-timeout", "Python ProcessPoolExecutor, result(timeout)"),
        new(Rpc, "jsonrpc-token", "StreamJsonRpc over a Unix socket, with a token"),
        new(Ours, "run-async-key", "process pool, await RunAsync with a key"),
        new(Ours, "run-async-limits", "the same with a limit of processor time"),
        new(Ours, "run-async-yield", "process pool, await RunAsync of a function that yields once"),
        new(Ours, "remote-call", "process pool, await Remote<T>.CallAsync"),
        new(Side.Python, "manager-call", "Python multiprocessing.managers, a method of a proxy"));

    private static Group Record { get; } = new(
        "calls-record",
        "A record of some 200 bytes, there and back, awaited",
        new(Ours, "record-async", "process pool, await RunAsync"),
        new(Dotnet, "record-serializer", "the serializer alone: encode and decode once"));

    private static Group Burst { get; } = new(
        "calls-burst",
        "100 000 calls at once, 2 workers",
        new(Ours, "tiny", "process pool, RunAsync and WhenAll") { Count = Fast },
        new(Ours, "tiny-token-timeout", "the same with a token and a timeout") { Count = Fast });

    private static Group Loop { get; } = new(
        "calls-loop",
        "A loop over calls, 8 at a time, 2 workers",
        new(Ours, "loop", "Parallel.ForEachAsync, process pool, its token passed on") { Count = Slow },
        new(Dotnet, "task-loop", "Parallel.ForEachAsync, Task.Run(f, token).WaitAsync(timeout, token)") { Count = Fast },
        new(Side.Python, "executor-loop", "Python ProcessPoolExecutor, 8 futures at a time") { Count = Slow });

    private static Group Map { get; } = new(
        "calls-map",
        "Maps with something more, 2 workers",
        new(Ours, "map", "process pool, MapUnorderedAsync of integers") { Count = Items },
        new(Ours, "map-capture", "the same with a captured variable") { Count = Items },
        new(Ours, "map-timeout", "the same with a timeout for each") { Count = Items },
        new(Ours, "map-token", "the same, of a function with a token") { Count = Items },
        new(Ours, "map-records", "process pool, MapAsync of records of 200 bytes") { Count = Records },
        new(Side.Python, "pool-map-records", "Python multiprocessing.Pool.map of dataclasses at its best chunk size") { Count = Records },
        new(Dotnet, "serializer-rate", "the serializer alone, an item encoded and decoded twice, on 2 threads") { Count = Records });

    private static Group Stream { get; } = new(
        "calls-stream",
        "A stream of integers",
        new(Ours, "stream", "process pool, StreamAsync") { Count = new(200_000, 1_000_000) },
        new(Dotnet, "channel-stream", "Channel<int> between two threads") { Count = new(1_000_000, 10_000_000) });
}
