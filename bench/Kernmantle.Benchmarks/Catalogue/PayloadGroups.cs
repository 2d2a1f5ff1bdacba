using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Bytes there and back.</summary>
internal static class PayloadGroups
{
    public static Group Bytes { get; } = new(
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

    public static Group Shared { get; } = new(
        "shared",
        "Echo of 64 MiB",
        new(Ours, "shared-64m", "process pool, SharedBuffer<byte>"),
        new(Ours, "run", "process pool, no-op Run"),
        new(Node, "piscina-transfer-64m", "piscina (worker_threads), transferred"),
        new(Side.Python, "executor-bytes-64m", "Python ProcessPoolExecutor, bytes") { MaxRounds = 2 },
        new(Side.Python, "pool-bytes-64m", "Python multiprocessing.Pool, bytes") { MaxRounds = 2 });
}
