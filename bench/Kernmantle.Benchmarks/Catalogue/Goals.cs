using static Kernmantle.Benchmarks.Catalogue.Comparison;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>All goals. Bounds on times are in nanoseconds, on memory in bytes.</summary>
internal static class Goals
{
    public static IReadOnlyList<Goal> All { get; } =
    [
        new("call", "no-op Run", "ours.run", ["dotnet.task-result"], AtMostTimes, 0.5),
        new("call", "no-op Run", "ours.run", ["c.futex-spin"], AtMostTimes, 2),
        new("call", "no-op Run", "ours.run", ["python.executor-call"], FasterTimes, 300),
        new("call", "no-op RunAsync, awaited", "ours.run-async", ["dotnet.task-await"], AtMostTimes, 1.5),
        new("call", "no-op RunAsync, awaited, back to one thread", "ours.run-async-context", ["dotnet.task-await-context"], AtMostTimes, 1.5),
        new("record", "record of 200 bytes, over twice its serializer", "ours.record", ["dotnet.record-serializer"], AtMostOverTwice, 1_000),
        new("idle", "first call after 10 ms", "ours.run-idle", ["c.futex-sleep"], AtMostTimes, 1.2),
        new("idle", "first call after 10 ms", "ours.run-idle", ["c.futex-sleep-idle"], AtMostTimes, 1.2),
        new("one-core", "no-op Run on one processor", "ours.run@onecore", ["c.futex-sleep-one-core"], AtMostTimes, 2),
        new("callers", "8 callers, 2 workers: calls/s", "ours.eight-callers", ["c.eight-callers"], AtLeastTimes, 1),
        new("callers", "8 callers, 2 workers: processor time per call", "ours.eight-callers.cpu", ["c.eight-callers.cpu"], AtMostTimes, 1.5),
        new("busy", "Run while all processors are busy, p99", "ours.run@busy", [], AtMost, 20_000, Statistic.P99),
        new("busy", "Run while all processors are busy, p99", "ours.run@busy", ["c.socket@busy"], AtMostTimes, 0.2, Statistic.P99),
        new("tiny", "100 000 tiny calls", "ours.tiny", ["dotnet.task-tiny"], AtLeastTimes, 1),
        new("tiny", "100 000 tiny calls, best of several processes", "ours.tiny", ["python.executor-tiny", "python.pool-tiny", "python.loky-tiny", "node.workerpool-tiny"], AtLeastTimes, 10),
        new("map", "map over integers", "ours.map", ["python.pool-map"], AtLeastTimes, 4),
        new("map", "map over integers", "ours.map", ["dotnet.plinq"], AtLeastTimes, 0.4),
        new("bytes", "echo of 1 MiB", "ours.bytes-1m", ["c.copies-1m"], AtMostTimes, 1.3),
        new("shared", "echo of a SharedBuffer of 64 MiB", "ours.shared-64m", ["ours.run"], AtMostTimes, 3),
        new("scaling", "two workers against one", "ours.scaling", ["dotnet.bare-scaling"], AtLeastTimes, 0.97),
        new("start", "start of a process pool", "ours.cold-pool", ["python.executor-cold"], AtMostTimes, 0.8),
        new("capacity", "next call after a kill, with a spare", "ours.capacity-spare", [], AtMost, 2e6),
        new("capacity", "next call after a kill, without", "ours.capacity", ["ours.cold-pool"], AtMostTimes, 1.2),
        new("memory", "idle worker of 4", "ours.memory-4", [], AtMost, 20e6),
        new("memory", "idle worker, alone", "ours.memory-1", [], AtMost, 20e6),
        new("gil", "GlobalLock, free: acquire and release", "ours.gil-pair", ["dotnet.monitor-pair"], AtMostTimes, 2),
        new("python-call", "Python: no-op call", "ours.python-call", ["python.pool-call", "python.executor-call"], AtMostTimes, 0.5),
        new("python-array", "Python: echo of 8 MB of doubles", "ours.python-array", ["python.pool-array"], AtMostTimes, 0.2),
        new("python-map", "Python: map over 100 000 integers", "ours.python-map", ["python.pool-map"], AtLeastTimes, 1),
        new("python-start", "Python: start of a pool", "ours.python-cold", ["python.pool-cold"], AtMostTimes, 1.2),

        // No worse than logarithmic: n workers may cost 1 + log2(n) times what one costs; n queued calls log(n) against log(1000).
        new("workers", "a call among 10 workers", "ours.workers-10", ["ours.workers-1"], AtMostTimes, Math.Round(1 + Math.Log2(10), 2)),
        new("workers", "a call among 100 workers", "ours.workers-100", ["ours.workers-1"], AtMostTimes, Math.Round(1 + Math.Log2(100), 2)),
        new("workers", "a call among 500 workers", "ours.workers-500", ["ours.workers-1"], AtMostTimes, Math.Round(1 + Math.Log2(500), 2)),
        new("queued", "a call among 100 000 queued", "ours.queued-100000", ["ours.queued-1000"], AtMostTimes, 1.67),
        new("queued", "a call among 1 million queued", "ours.queued-1000000", ["ours.queued-1000"], AtMostTimes, 2),
        new("queued", "memory per queued call", "ours.queued-100000.memory", [], AtMost, 200),
    ];
}
