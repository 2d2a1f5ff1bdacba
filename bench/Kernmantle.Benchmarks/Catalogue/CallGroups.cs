using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>One call at a time, and callers side by side.</summary>
internal static class CallGroups
{
    public static Group NoOp { get; } = new(
        "call",
        "No-op call, there and back",
        new(Ours, "run", "process pool, Run"),
        new(Dotnet, "task-result", "Task.Run(...).Result, from a dedicated thread"),
        new(Ours, "run-async", "process pool, await RunAsync"),
        new(Dotnet, "task-await", "await Task.Run (stays on a pool thread)"),
        new(Ours, "run-async-context", "process pool, await RunAsync, back to one thread"),
        new(Dotnet, "task-await-context", "await Task.Run, back to one thread"),
        new(Ours, "threads-run", "thread pool, Run"),
        new(Dotnet, "channel", "Channel between two dedicated threads"),
        new(Ours, "threads-run-async", "thread pool, await RunAsync"),
        new(Dotnet, "new-thread", "new Thread, start, join"),
        new(C, "futex-spin", "C futex ping-pong, spinning"),
        new(C, "futex-sleep", "C futex ping-pong, sleeping"),
        new(C, "pipe", "C pipe ping-pong"),
        new(C, "socket", "C Unix socket ping-pong"),
        new(Side.Python, "executor-call", "Python ProcessPoolExecutor (spawn)"),
        new(Side.Python, "pool-call", "Python multiprocessing.Pool (spawn)"),
        new(Side.Python, "loky-call", "joblib/loky"),
        new(Node, "piscina-call", "piscina (worker_threads)"),
        new(Node, "tinypool-call", "tinypool (worker_threads)"),
        new(Node, "workerpool-call", "workerpool (processes)"),
        new(Erlang, "messages", "Erlang, messages between two processes of one runtime"),
        new(Rpc, "jsonrpc-call", "StreamJsonRpc over a Unix socket"),
        new(Rpc, "grpc-call", "gRPC over a Unix socket"));

    public static Group Record { get; } = new(
        "record",
        "Echo of a record of some 200 bytes",
        new(Ours, "record", "process pool, Run"),
        new(Dotnet, "record-serializer", "the serializer alone: encode and decode once") { More = [("size", "size, encoded")] },
        new(Ours, "record-inline", "WorkerPool.Inline(verifyPortable: true): encodes and decodes function, argument, result"));

    public static Group Idle { get; } = new(
        "idle",
        "First call after 10 ms of idleness",
        new(Ours, "run-idle", "process pool, Run"),
        new(C, "futex-sleep", "C futex ping-pong, sleeping, without pause"),
        new(C, "futex-sleep-idle", "C futex ping-pong, sleeping, after the same idleness"));

    public static Group OneCore { get; } = new(
        "one-core",
        "No-op call, everything on one processor",
        new(Ours, "run", "process pool, Run") { Condition = Condition.OneCore },
        new(C, "futex-sleep-one-core", "C futex ping-pong, sleeping"),
        new(C, "futex-spin-one-core", "C futex ping-pong, spinning with sched_yield"),
        new(C, "socket", "C Unix socket ping-pong") { Condition = Condition.OneCore },
        new(Dotnet, "task-result", "Task.Run(...).Result") { Condition = Condition.OneCore });

    public static Group Callers { get; } = new(
        "callers",
        "8 callers on 2 workers",
        new(Ours, "eight-callers", "process pool, Run") { More = [("cpu", "process pool, processor time per call")] },
        new(C, "eight-callers", "C Unix sockets") { More = [("cpu", "C Unix sockets, processor time per call")] });

    public static Group Busy { get; } = new(
        "busy",
        "No-op call while all processors are busy",
        new(Ours, "run", "process pool, Run") { Condition = Condition.Busy },
        new(C, "socket", "C Unix socket ping-pong") { Condition = Condition.Busy },
        new(C, "pipe", "C pipe ping-pong") { Condition = Condition.Busy },
        new(C, "futex-sleep", "C futex ping-pong, sleeping") { Condition = Condition.Busy },
        new(C, "futex-spin", "C futex ping-pong, spinning") { Condition = Condition.Busy },
        new(Dotnet, "task-result", "Task.Run(...).Result") { Condition = Condition.Busy });
}
