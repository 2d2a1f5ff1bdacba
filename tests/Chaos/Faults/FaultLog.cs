using System.Collections.Concurrent;
using System.Diagnostics;

namespace Kernmantle.Chaos.Faults;

internal enum FaultKind
{
    Kill,
    KillAll,
    Stop,
    StopThenKill,
    Nice,
    Starve,
    FillSharedMemory,
    Dispose,
    StopAllAndDispose,
}

/// <summary>Something that was done to a worker (or, with process 0, to all).</summary>
/// <param name="From">When it was begun.</param>
/// <param name="To">When it was over; the same for what lasts no time.</param>
internal sealed record Fault(FaultKind Kind, int ProcessId, long From, long To, string Detail);

/// <summary>What was done in a round.</summary>
internal sealed class FaultLog
{
    private readonly ConcurrentQueue<Fault> faults = new();
    private readonly ConcurrentDictionary<int, long> kills = new();
    private readonly ConcurrentDictionary<int, byte> slowed = new();

    public int Kills => kills.Count;

    public IReadOnlyCollection<Fault> All => faults;

    /// <summary>Before the signal is sent: so nothing can be seen of it before it is known here.</summary>
    public void WillKill(int processId) => kills.TryAdd(processId, Stopwatch.GetTimestamp());

    /// <summary>Before it is done.</summary>
    public void WillSlow(int processId) => slowed.TryAdd(processId, 0);

    public void Add(FaultKind kind, int processId, long from, string detail = "") => faults.Enqueue(new(kind, processId, from, Stopwatch.GetTimestamp(), detail));

    public bool WasKilled(int processId) => kills.ContainsKey(processId);

    /// <summary>It was stopped, or told to give way, at some time.</summary>
    public bool WasSlowed(int processId) => slowed.ContainsKey(processId);

    /// <summary>The cores were taken from everybody at some time in between.</summary>
    public bool WasStarved(long from, long to) => faults.Any(f => f.Kind == FaultKind.Starve && f.From <= to && f.To >= from);
}
