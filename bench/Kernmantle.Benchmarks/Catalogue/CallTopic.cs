using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>One call at a time, and callers side by side.</summary>
internal static class CallTopic
{
    public static Topic Topic => new(
        [NoOp, Idle, OneCore, Callers, Busy],
        [
            new("no-op", "no-op Run", "ours.run", ["dotnet.task-result"], AtMostTimes, 0.5),
            new("no-op", "no-op Run", "ours.run", ["c.futex-spin"], AtMostTimes, 2),
            new("no-op", "no-op Run", "ours.run", ["python.executor-call"], FasterTimes, 300),
            new("no-op", "no-op RunAsync, awaited", "ours.run-async", ["dotnet.task-await"], AtMostTimes, 1.5),
            new("no-op", "no-op RunAsync, awaited, back to one thread", "ours.run-async-context", ["dotnet.task-await-context"], AtMostTimes, 1.5),
            new("no-op", "Run, back to back: processor time to the time it takes", "ours.run.cpu", [], AtMost, 2.2),
            new("no-op", "RunAsync, back to back: processor time to the time it takes", "ours.run-async.cpu", [], AtMost, 2.2),
            new("no-op", "after that, without calls: processor time", "ours.run.idle", [], AtMost, 0.02),
            new("idle", "first call after 10 ms", "ours.run-idle", ["c.futex-sleep"], AtMostTimes, 1.2),
            new("idle", "first call after 10 ms", "ours.run-idle", ["c.futex-sleep-idle"], AtMostTimes, 1.2),
            new("one-core", "no-op Run on one processor", "ours.run@onecore", ["c.futex-sleep-one-core"], AtMostTimes, 2),
            new("callers", "8 callers, 2 workers: calls/s", "ours.eight-callers", ["c.eight-callers"], AtLeastTimes, 1),
            new("callers", "8 callers, 2 workers: processor time per call", "ours.eight-callers.cpu", ["c.eight-callers.cpu"], AtMostTimes, 1.5),
            new("busy", "Run while all processors are busy, p99", "ours.run@busy", ["c.socket@busy"], AtMostTimes, 1, Statistic.P99),
            new("busy", "RunAsync while all processors are busy, p99", "ours.run-async@busy", ["c.socket@busy"], AtMostTimes, 1, Statistic.P99),
        ]);

    private static Group NoOp { get; } = new(
        "no-op",
        "No-op call, there and back",
        new(Ours, "run", "process pool, Run") { More = [("cpu", "Run: processor time, times the time that the calls take"), ("idle", "Run: processor time in a second without calls")] },
        new(Dotnet, "task-result", "Task.Run(...).Result, from a dedicated thread"),
        new(Ours, "run-async", "process pool, await RunAsync") { More = [("cpu", "RunAsync: processor time, times the time that the calls take"), ("idle", "RunAsync: processor time in a second without calls")] },
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

    private static Group Idle { get; } = new(
        "idle",
        "First call after 10 ms of idleness",
        new(Ours, "run-idle", "process pool, Run"),
        new(C, "futex-sleep", "C futex ping-pong, sleeping, without pause"),
        new(C, "futex-sleep-idle", "C futex ping-pong, sleeping, after the same idleness"));

    private static Group OneCore { get; } = new(
        "one-core",
        "No-op call, everything on one processor",
        new(Ours, "run", "process pool, Run") { Condition = Condition.OneCore },
        new(C, "futex-sleep-one-core", "C futex ping-pong, sleeping"),
        new(C, "futex-spin-one-core", "C futex ping-pong, spinning with sched_yield"),
        new(C, "socket", "C Unix socket ping-pong") { Condition = Condition.OneCore },
        new(Dotnet, "task-result", "Task.Run(...).Result") { Condition = Condition.OneCore });

    private static Group Callers { get; } = new(
        "callers",
        "8 callers on 2 workers",
        new(Ours, "eight-callers", "process pool, Run") { More = [("cpu", "process pool, processor time per call")] },
        new(C, "eight-callers", "C Unix sockets") { More = [("cpu", "C Unix sockets, processor time per call")] });

    private static Group Busy { get; } = new(
        "busy",
        "No-op call while all processors are busy",
        new(Ours, "run", "process pool, Run") { Condition = Condition.Busy },
        new(Ours, "run-async", "process pool, await RunAsync") { Condition = Condition.Busy },
        new(C, "socket", "C Unix socket ping-pong") { Condition = Condition.Busy },
        new(C, "pipe", "C pipe ping-pong") { Condition = Condition.Busy },
        new(C, "futex-sleep", "C futex ping-pong, sleeping") { Condition = Condition.Busy },
        new(C, "futex-spin", "C futex ping-pong, spinning") { Condition = Condition.Busy },
        new(Dotnet, "task-result", "Task.Run(...).Result") { Condition = Condition.Busy });
}
