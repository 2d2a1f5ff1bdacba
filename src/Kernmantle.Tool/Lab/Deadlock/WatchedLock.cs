using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>A thread that takes watched locks.</summary>
internal sealed class WatchedThread(string name)
{
    public string Name => name;

    public int SystemId { get; } = LibC.ThreadId;

    /// <summary>The lock that it waits for; guarded by <see cref="WaitGraph"/>.</summary>
    public WatchedLock? WaitsFor { get; set; }
}

/// <summary>An ordinary lock of the runtime that says who holds it and who waits for it.</summary>
internal sealed class WatchedLock(string name, WaitGraph graph)
{
    private readonly object monitor = new();

    public string Name => name;

    /// <summary>Guarded by <see cref="WaitGraph"/>.</summary>
    public WatchedThread? Holder { get; private set; }

    public void Enter(WatchedThread thread)
    {
        graph.Change(() => thread.WaitsFor = this);
        Monitor.Enter(monitor);
        graph.Change(() => (thread.WaitsFor, Holder) = (null, thread));
    }

    public void Exit()
    {
        graph.Change(() => Holder = null);
        Monitor.Exit(monitor);
    }
}

/// <summary>One edge of a cycle: a thread that holds one lock and waits for the next one's.</summary>
internal sealed record Edge(string Thread, int SystemId, string Holds, string WaitsFor);

/// <summary>
/// Who waits for whom. With one instance of each resource a cycle in this graph is a deadlock, and not only a long wait
/// (Coffman, Elphick, Shoshani: System Deadlocks, 1971).
/// </summary>
internal sealed class WaitGraph
{
    private readonly Lock gate = new();

    public void Change(Action change)
    {
        lock (gate)
            change();
    }

    /// <summary>The cycle that one of the threads is in; empty if none is.</summary>
    public IReadOnlyList<Edge> FindCycle(IEnumerable<WatchedThread> threads)
    {
        lock (gate)
        {
            foreach (WatchedThread start in threads)
            {
                List<WatchedThread> path = [];
                for (WatchedThread? at = start; at is not null; at = at.WaitsFor?.Holder)
                {
                    int before = path.IndexOf(at);
                    if (before >= 0)
                        return Describe(path[before..]);
                    path.Add(at);
                }
            }
            return [];
        }
    }

    /// <summary>Each waits for the next one, and the last for the first.</summary>
    private static Edge[] Describe(List<WatchedThread> cycle) =>
        [.. cycle.Select((thread, i) => new Edge(thread.Name, thread.SystemId, cycle[(i + cycle.Count - 1) % cycle.Count].WaitsFor!.Name, thread.WaitsFor!.Name))];
}
