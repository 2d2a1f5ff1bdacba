using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Everything that is measured.</summary>
internal static class Groups
{
    private static Group Workers { get; } = new(
        "workers",
        "Growth: one call among many workers",
        WithWorkers(1),
        WithWorkers(10),
        WithWorkers(100) with { MaxRounds = 2 },
        WithWorkers(500) with { MaxRounds = 1, Nightly = true });

    private static Group Queued { get; } = new(
        "queued",
        "Growth: a call among many that wait",
        WithQueued(1_000),
        WithQueued(10_000),
        WithQueued(100_000),
        WithQueued(1_000_000) with { MaxRounds = 1, Nightly = true });

    private static Group Start { get; } = new(
        "start",
        "Start to first result",
        new(Ours, "cold-pool", "process pool of 1") { Count = new(6, 10) },
        new(Side.Python, "executor-cold", "Python ProcessPoolExecutor (spawn) of 1") { Count = new(6, 10) },
        new(Ours, "cold-worker", "Worker.OnProcess") { Count = new(6, 10) },
        new(Ours, "cold-threads", "thread pool of 1") { Count = new(30, 100) },
        new(Ours, "cold-thread-worker", "Worker.OnThread") { Count = new(30, 100) },
        new(Dotnet, "cold-new-thread", "new Thread, start, join") { Count = new(30, 100) },
        new(Dotnet, "cold-task", "Task.Run") { Count = new(30, 100) });

    private static Group Memory { get; } = new(
        "memory",
        "Idle memory of a worker (PSS)",
        new(Ours, "memory-4", "process pool, mean of 4 workers") { MaxRounds = 3 },
        new(Side.Python, "executor-memory", "Python ProcessPoolExecutor (spawn), mean of 4 workers") { MaxRounds = 3 },
        new(Ours, "memory-1", "process pool, 1 worker") { MaxRounds = 3 });

    private static Group Kill { get; } = new(
        "kill",
        "From a worker's kill until two workers serve again",
        new(Ours, "kill", "process pool: replaces it") { Count = new(3, 10) },
        new(Side.Python, "executor-kill", "Python ProcessPoolExecutor: broken, a new one") { Count = new(3, 10) },
        new(Side.Python, "pool-kill", "Python multiprocessing.Pool: replaces it, loses the call") { Count = new(3, 10) },
        new(Side.Python, "loky-kill", "joblib/loky: broken, a new one") { Count = new(1, 5), MaxRounds = 3 });

    private static Group Capacity { get; } = new(
        "capacity",
        "From a busy worker's kill to the begin of the next call, pool of 1",
        new(Ours, "cold-pool", "process pool of 1, start to first result") { Count = new(6, 10) },
        new(Ours, "capacity-spare", "process pool with a warm spare, which kills it") { Count = new(10, 30) },
        new(Ours, "capacity", "process pool, which kills it") { Count = new(6, 20) },
        new(Ours, "capacity-outside-spare", "process pool with a warm spare, killed from outside") { Count = new(10, 30) },
        new(Ours, "capacity-outside", "process pool, killed from outside") { Count = new(6, 20) },
        new(Side.Python, "executor-capacity", "Python ProcessPoolExecutor (spawn): broken, a new one; from outside") { Count = new(6, 20) },
        new(Side.Python, "pool-capacity", "Python multiprocessing.Pool (spawn): replaces it, loses the call; from outside") { Count = new(6, 20) },
        new(Node, "workerpool-capacity", "workerpool (processes): replaces it; from outside") { Count = new(6, 20) });

    /// <summary>After its parts: static members get their values in the order of the text.</summary>
    public static IReadOnlyList<Group> All { get; } =
    [
        CallGroups.NoOp, CallGroups.Record, CallGroups.Idle, CallGroups.OneCore, CallGroups.Callers, CallGroups.Busy,
        ThroughputGroups.Tiny, ThroughputGroups.Map, ThroughputGroups.Scaling,
        PayloadGroups.Bytes, PayloadGroups.Shared,
        Workers, Queued, Start, Memory, Kill, Capacity,
        LockGroups.Gil,
        PythonGroups.Call, PythonGroups.Array, PythonGroups.Map, PythonGroups.Start,
    ];

    private static Measure WithWorkers(int workers) =>
        new(Ours, $"workers-{workers}", $"Run, {workers} worker{(workers == 1 ? "" : "s")}") { More = [("start", $"start of {workers} worker{(workers == 1 ? "" : "s")}")] };

    private static Measure WithQueued(int calls) =>
        new(Ours, $"queued-{calls}", $"per call, {calls:N0} queued") { More = [("memory", $"managed memory per call, {calls:N0} queued")] };
}
