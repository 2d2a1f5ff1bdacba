using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>What the measurements say about N10's deadlocks.</summary>
internal static class DeadlockVerdicts
{
    public static IReadOnlyList<Finding> Judge(DeadlockMeasured measured)
    {
        bool cycle = measured.Cycle.Count > 1;
        string named = cycle
            ? $"{string.Join("; ", measured.Cycle.Select(static edge => $"{edge.Thread} holds {edge.Holds} and waits for {edge.WaitsFor}"))}: named after {Units.Format(measured.SecondsToCycle, Unit.Seconds)}."
            : "No cycle was found.";
        return
        [
            new(
                "N10",
                "Threads that share locks can wait for each other for ever.",
                Verdicts.Of(cycle),
                $"{named} Taking both locks in one order, they {(measured.OneOrderFinished ? "finished" : "did not finish either")}."),
        ];
    }
}
