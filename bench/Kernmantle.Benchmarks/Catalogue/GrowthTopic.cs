using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>
/// Many workers, many calls: a call costs much the same among many workers, and among n queued calls no more than log(n) against log(1000).
/// </summary>
internal static class GrowthTopic
{
    public static Topic Topic => new(
        [Workers, Queued],
        [
            new("workers", "a call among 10 workers", "ours.workers-10", ["ours.workers-1"], AtMostTimes, 3),
            new("workers", "a call among 100 workers", "ours.workers-100", ["ours.workers-1"], AtMostTimes, 3),
            new("workers", "a call among 500 workers", "ours.workers-500", ["ours.workers-1"], AtMostTimes, 3),
            // Before workers began in our own entry point they took 67 times as long as one of Python's: 0.6 of that.
            new("workers", "start of 100 workers", "ours.workers-100.start", ["python.executor-cold"], AtMostTimes, 40),
            new("queued", "a call among 100 000 queued", "ours.queued-100000", ["ours.queued-1000"], AtMostTimes, 1.67),
            new("queued", "a call among 1 million queued", "ours.queued-1000000", ["ours.queued-1000"], AtMostTimes, 2),
            new("queued", "memory per call of 100 000, default capacity", "ours.waiting-100000.memory", [], AtMost, 200),
            new("queued", "memory per queued call, room for all", "ours.queued-100000.memory", [], AtMost, 200),
        ]);

    private static Group Workers { get; } = new(
        "workers",
        "Growth: one call among many workers",
        WithWorkers(1),
        WithWorkers(10),
        WithWorkers(100) with { MaxRounds = 3 },
        WithWorkers(500) with { MaxRounds = 3, Nightly = true },
        new(Side.Python, "executor-cold", "Python ProcessPoolExecutor (spawn): start of 1 worker to its first result") { Count = new(4, 10) });

    private static Group Queued { get; } = new(
        "queued",
        "Growth: a call among many that wait",
        WithQueued(1_000),
        WithQueued(10_000),
        WithQueued(100_000),
        new(Ours, "waiting-100000", $"per call, {100_000:N0}, default capacity") { More = [("memory", $"managed memory per call beside its task, {100_000:N0}, default capacity")] },
        WithQueued(1_000_000) with { MaxRounds = 3, Nightly = true });

    private static Measure WithWorkers(int workers) =>
        new(Ours, $"workers-{workers}", $"Run, {workers} worker{(workers == 1 ? "" : "s")}") { More = [("start", $"start of {workers} worker{(workers == 1 ? "" : "s")}")] };

    private static Measure WithQueued(int calls) =>
        new(Ours, $"queued-{calls}", $"per call, {calls:N0} queued") { More = [("memory", $"managed memory per call beside its task, {calls:N0} queued")] };
}
