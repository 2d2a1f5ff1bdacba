using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Records and bytes, there and back.</summary>
internal static class PayloadTopic
{
    public static Topic Topic => new(
        [Record, Bytes, Shared],
        [
            new("record", "record of 200 bytes, over twice its serializer", "ours.record", ["dotnet.record-serializer"], AtMostOverTwice, 1_000),
            new("bytes", "echo of 1 MiB", "ours.bytes-1m", ["c.copies-1m"], AtMostTimes, 1.3),
            new("shared", "echo of a SharedBuffer of 64 MiB", "ours.shared-64m", ["ours.run"], AtMostTimes, 3),
        ]);

    private static Group Record { get; } = new(
        "record",
        "Echo of a record of some 200 bytes",
        new(Ours, "record", "process pool, Run"),
        new(Ours, "record-async", "process pool, await RunAsync"),
        new(Dotnet, "record-serializer", "the serializer alone: encode and decode once") { More = [("size", "size, encoded")] },
        new(Ours, "record-inline", "WorkerPool.Inline(verifyPortable: true): encodes and decodes function, argument, result"),
        new(Side.Python, "pool-record", "Python multiprocessing.Pool, a dataclass"));

    private static Group Bytes { get; } = new(
        "bytes",
        "Echo of 1 MiB",
        new(Ours, "bytes-1m", "process pool, byte[]"),
        new(C, "copies-1m", "C, four copies of 1 MiB"),
        new(Side.Python, "executor-bytes-1m", "Python ProcessPoolExecutor, bytes"),
        new(Side.Python, "pool-bytes-1m", "Python multiprocessing.Pool, bytes"),
        new(Node, "workerpool-bytes-1m", "workerpool (processes), Uint8Array"),
        new(Node, "piscina-bytes-1m", "piscina (worker_threads), Uint8Array"),
        new(Node, "tinypool-bytes-1m", "tinypool (worker_threads), Uint8Array"),
        new(Rpc, "jsonrpc-bytes-1m", "StreamJsonRpc over a Unix socket"),
        new(Rpc, "grpc-bytes-1m", "gRPC over a Unix socket"));

    private static Group Shared { get; } = new(
        "shared",
        "Echo of 64 MiB",
        new(Ours, "shared-64m", "process pool, SharedBuffer<byte>"),
        new(Ours, "run", "process pool, no-op Run"),
        new(Node, "piscina-transfer-64m", "piscina (worker_threads), transferred"),
        new(Side.Python, "executor-bytes-64m", "Python ProcessPoolExecutor, bytes") { MaxRounds = 2 },
        new(Side.Python, "pool-bytes-64m", "Python multiprocessing.Pool, bytes") { MaxRounds = 2 });
}
