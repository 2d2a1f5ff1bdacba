using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>The start of a worker, what it weighs, and its end.</summary>
internal static class LifeTopic
{
    public static Topic Topic => new(
        [Start, Memory, Kill, Capacity],
        [
            new("start", "start of a process pool", "ours.cold-pool", ["python.executor-cold"], AtMostTimes, 0.8),
            new("start", "start of a second pool, with a spare of the first", "ours.second-pool", [], AtMost, 5e6),
            new("capacity", "next call after a kill, with a spare", "ours.capacity-spare", [], AtMost, 2e6),
            new("capacity", "next call after a kill, without", "ours.capacity", ["ours.cold-pool"], AtMostTimes, 1),
            new("capacity", "a new worker for every call, while spares last", "ours.fresh-worker", [], AtMost, 2e6),
            new("memory", "idle worker of 10", "ours.memory-10", [], AtMost, 12e6),
            new("memory", "idle worker of 4", "ours.memory-4", [], AtMost, 20e6),
            new("memory", "idle worker, alone", "ours.memory-1", [], AtMost, 20e6),
        ]);

    private static Group Start { get; } = new(
        "start",
        "Start to first result",
        new(Ours, "cold-pool", "process pool of 1") { Count = new(4, 10) },
        new(Ours, "second-pool", "process pool of 1, with a spare of another pool's (SparesOf)") { Count = new(6, 20) },
        new(Side.Python, "executor-cold", "Python ProcessPoolExecutor (spawn) of 1") { Count = new(4, 10) },
        new(Ours, "cold-worker", "Worker.OnProcess") { Count = new(4, 10) },
        new(Ours, "cold-threads", "thread pool of 1") { Count = new(30, 100) },
        new(Ours, "cold-thread-worker", "Worker.OnThread") { Count = new(30, 100) },
        new(Dotnet, "cold-new-thread", "new Thread, start, join") { Count = new(30, 100) },
        new(Dotnet, "cold-task", "Task.Run") { Count = new(30, 100) });

    private static Group Memory { get; } = new(
        "memory",
        "Idle memory of a worker (PSS)",
        new(Ours, "memory-10", "process pool, mean of 10 workers") { MaxRounds = 3 },
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
        new(Ours, "cold-pool", "process pool of 1, start to first result") { Count = new(4, 10) },
        new(Ours, "capacity", "process pool, which kills it") { Count = new(4, 20) },
        new(Ours, "capacity-spare", "process pool with a warm spare, which kills it") { Count = new(6, 30) },
        new(Ours, "fresh-worker", "process pool with 6 warm spares and a new worker for every call: the next call") { Count = new(6, 30) },
        new(Ours, "capacity-outside-spare", "process pool with a warm spare, killed from outside") { Count = new(10, 30) },
        new(Ours, "capacity-outside", "process pool, killed from outside") { Count = new(6, 20) },
        new(Side.Python, "executor-capacity", "Python ProcessPoolExecutor (spawn): broken, a new one; from outside") { Count = new(4, 20) },
        new(Side.Python, "pool-capacity", "Python multiprocessing.Pool (spawn): replaces it, loses the call; from outside") { Count = new(6, 20) },
        new(Node, "workerpool-capacity", "workerpool (processes): replaces it; from outside") { Count = new(6, 20) });
}
