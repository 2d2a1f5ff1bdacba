using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>What the measurements say about N10's deadlocks.</summary>
internal static class DeadlockVerdicts
{
    private const double InTime = 1;

    public static IReadOnlyList<Finding> Judge(DeadlockMeasured measured)
    {
        bool cycle = measured.Cycle.Count > 1;
        string named = cycle
            ? $"{string.Join("; ", measured.Cycle.Select(static edge => $"{edge.Thread} holds {edge.Holds} and waits for {edge.WaitsFor}"))}: named after {Units.Format(measured.SecondsToCycle, Unit.Seconds)}."
            : "No cycle was found.";
        ProcessDeadlock processes = measured.Processes;
        bool inTime = processes.SecondsToRecord.Max <= InTime;
        return
        [
            new(
                "N10",
                "Threads that share locks can wait for each other for ever.",
                Verdicts.Of(cycle),
                $"{named} Taking both locks in one order, they {(measured.OneOrderFinished ? "finished" : "did not finish either")}."),
            new(
                "N10",
                "Processes that share locks can, too; the library names them within a second, and one of them may give up.",
                inTime && processes.OneGaveUp ? Verdict.Holds : !inTime && !processes.OneGaveUp ? Verdict.DoesNotHoldHere : Verdict.Depends,
                $"{processes.Record} Said after {Units.Format(processes.SecondsToRecord, Unit.Seconds)}. Where asked for, {(processes.OneGaveUp ? "one" : "not one")} of the two gave up, and both had finished after {Units.Format(processes.SecondsToEnd, Unit.Seconds)}."),
        ];
    }
}
