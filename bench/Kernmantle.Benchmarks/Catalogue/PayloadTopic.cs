using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Records and bytes, there and back.</summary>
internal static class PayloadTopic
{
    public static Topic Topic => new(
        [Record, Bytes, Arrays, Blocks, Shared],
        [
            new("record", "record of 200 bytes, over twice its serializer", "ours.record", ["dotnet.record-serializer"], AtMostOverTwice, 1_000),
            new("bytes", "echo of 1 MiB, over four copies and two new arrays", "ours.bytes-1m", ["dotnet.arrays-1m"], AtMostTimes, 2),
            new("bytes", "echo of 1 MiB, over piscina's", "ours.bytes-1m", ["node.piscina-bytes-1m"], AtMostTimes, 0.7),
            new("arrays", "echo of double[] of 300 KiB, over four copies and two new arrays", "ours.numbers-300k", ["dotnet.arrays-300k"], AtMostTimes, 2),
            new("arrays", "echo of double[] of 5 MiB, over four copies and two new arrays", "ours.numbers-5m", ["dotnet.arrays-5m"], AtMostTimes, 2),
            new("arrays", "echo of 64 MiB, over four copies and two new arrays", "ours.bytes-64m", ["dotnet.arrays-64m"], AtMostTimes, 1.5),
            new("blocks", "stream of blocks of 64 KiB, of the bandwidth of a copy", "ours.stream-blocks", ["dotnet.copy-rate"], AtLeastTimes, 0.5),
            new("blocks", "stream of double[] of 160 kB, of the bandwidth of a copy", "ours.stream-numbers", ["dotnet.copy-rate"], AtLeastTimes, 0.5),
            new("shared", "echo of a SharedBuffer of 64 MiB", "ours.shared-64m", ["ours.run"], AtMostTimes, 2),
            new("shared", "echo of a SharedBuffer<double> of 1 MiB", "ours.shared-1m", ["ours.run"], AtMostTimes, 2),
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
        new(Ours, "view-1m", "process pool, ReadOnlyMemory<byte>, one way"),
        new(Dotnet, "arrays-1m", ".NET, four copies of 1 MiB, two of them into new arrays"),
        new(C, "copies-1m", "C, four copies of 1 MiB"),
        new(Side.Python, "executor-bytes-1m", "Python ProcessPoolExecutor, bytes"),
        new(Side.Python, "pool-bytes-1m", "Python multiprocessing.Pool, bytes"),
        new(Node, "workerpool-bytes-1m", "workerpool (processes), Uint8Array"),
        new(Node, "piscina-bytes-1m", "piscina (worker_threads), Uint8Array"),
        new(Node, "tinypool-bytes-1m", "tinypool (worker_threads), Uint8Array"),
        new(Rpc, "jsonrpc-bytes-1m", "StreamJsonRpc over a Unix socket"),
        new(Rpc, "grpc-bytes-1m", "gRPC over a Unix socket"));

    private static Group Arrays { get; } = new(
        "arrays",
        "Echo of arrays of other sizes and types",
        new(Ours, "numbers-300k", "process pool, double[] of 300 KiB"),
        new(Dotnet, "arrays-300k", ".NET, four copies of 300 KiB, two of them into new arrays"),
        new(Ours, "numbers-5m", "process pool, double[] of 5 MiB"),
        new(Dotnet, "arrays-5m", ".NET, four copies of 5 MiB, two of them into new arrays"),
        new(Ours, "bytes-64m", "process pool, byte[] of 64 MiB"),
        new(Dotnet, "arrays-64m", ".NET, four copies of 64 MiB, two of them into new arrays"));

    private static Group Blocks { get; } = new(
        "blocks",
        "A stream of blocks",
        new(Ours, "stream-blocks", "process pool, byte[] of 64 KiB") { Count = new(4_000, 20_000) },
        new(Ours, "stream-numbers", "process pool, double[] of 160 kB") { Count = new(2_000, 10_000) },
        new(Dotnet, "copy-rate", ".NET, copies of 64 KiB from memory to memory") { Count = new(20_000, 100_000) });

    private static Group Shared { get; } = new(
        "shared",
        "Echo of 64 MiB",
        new(Ours, "shared-64m", "process pool, SharedBuffer<byte>"),
        new(Ours, "shared-1m", "process pool, SharedBuffer<double> of 1 MiB"),
        new(Ours, "run", "process pool, no-op Run"),
        new(Node, "piscina-transfer-64m", "piscina (worker_threads), transferred"),
        new(Side.Python, "executor-bytes-64m", "Python ProcessPoolExecutor, bytes") { MaxRounds = 2 },
        new(Side.Python, "pool-bytes-64m", "Python multiprocessing.Pool, bytes") { MaxRounds = 2 });
}
