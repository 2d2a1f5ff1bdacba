using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>Two worker processes that took two shared locks in opposite order.</summary>
/// <param name="Record">What the library's log said of it.</param>
/// <param name="SecondsToRecord">Until then, from when each had its first lock.</param>
/// <param name="OneGaveUp">Where that was asked for, one of the two got a <see cref="DeadlockException"/>, and not both.</param>
/// <param name="SecondsToEnd">Until both had had both locks then.</param>
internal sealed record ProcessDeadlock(string Record, Spread SecondsToRecord, bool OneGaveUp, Spread SecondsToEnd);

/// <summary>The measurements of <c>deadlock</c>.</summary>
/// <param name="Cycle">Who waited for whom; empty if there was no deadlock.</param>
/// <param name="SecondsToCycle">From the start of the threads until the cycle was named.</param>
/// <param name="OneOrderFinished">The same threads finished when both took the locks in one order.</param>
/// <param name="Stacks">Of the threads of the cycle, by their system ids; null where the system did not allow to look.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="SecondsToCapacity">Until a process took the place of the one that hung.</param>
/// <param name="Processes">The same between processes.</param>
internal sealed record DeadlockMeasured(
    IReadOnlyList<Edge> Cycle,
    Spread SecondsToCycle,
    bool OneOrderFinished,
    IReadOnlyDictionary<int, InspectedThread>? Stacks,
    string? Refusal,
    double SecondsToCapacity,
    ProcessDeadlock Processes)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        Figure.Count("cycle", "threads that wait for each other", Cycle.Count),
        Figure.Seconds("named", "from the start until the watchdog named the cycle", SecondsToCycle),
        Figure.Fact("oneOrder.finished", "with the locks in one order both finished", OneOrderFinished),
        Figure.Fact("stacks", "the system let the watchdog see their stacks", Stacks is not null),
        Figure.Seconds("capacity", "killed, and replaced, after", Spread.Exactly(SecondsToCapacity)),
        Figure.Seconds("processes.named", "two processes: until the log named the cycle", Processes.SecondsToRecord),
        Figure.Fact("processes.oneGaveUp", "two processes: one gave up where asked to", Processes.OneGaveUp),
        Figure.Seconds("processes.ended", "two processes: until both were done then", Processes.SecondsToEnd),
    ];

    public TextTable Table() => new(
        "The cycle",
        ["Thread", "Holds", "Waits for", "Locks, by the runtime's table", "Stack, innermost first"],
        [.. Cycle.Select(edge =>
        {
            InspectedThread? seen = Stacks?.GetValueOrDefault(edge.SystemId);
            return new[]
            {
                $"{edge.Thread} (tid {edge.SystemId})",
                edge.Holds,
                edge.WaitsFor,
                seen is null ? "-" : $"holds {seen.HeldLocks}",
                seen is null ? "-" : string.Join('\n', seen.Frames.Select(static frame => frame.Replace("Kernmantle.Tool.Lab.Deadlock.", "", StringComparison.Ordinal))),
            };
        })]);
}
