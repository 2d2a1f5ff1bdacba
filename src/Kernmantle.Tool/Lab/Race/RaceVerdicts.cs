using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>What the measurements say about N8, N10 and N15.</summary>
internal static class RaceVerdicts
{
    public static IReadOnlyList<Finding> Judge(RaceMeasured measured)
    {
        CounterRuns plain = measured.Counters[Guard.None];
        ReferenceRuns references = measured.References[Guard.None];
        bool lost = plain.Lost.Max > 0;
        bool guarded = measured.Counters.Where(static pair => pair.Key != Guard.None).All(static pair => pair.Value.Lost.Max == 0);
        bool guardedReferences = measured.References.Where(static pair => pair.Key != Guard.None).All(static pair => pair.Value.Wrong == 0);
        return
        [
            new(
                "N8",
                "Threads that change a shared number without synchronisation lose changes, and with it they do not.",
                lost && guarded ? Verdict.Holds : !lost && guarded ? Verdict.DoesNotHoldHere : Verdict.Depends,
                $"Unsynchronised, {Units.Format(plain.Lost, Unit.Fraction)} of the increments were lost; with a lock or atomic operations {(guarded ? "none" : "some")}; in processes the sum was {(measured.ProcessesRight ? "right" : "wrong")}."),
            new(
                "N10",
                "Such a mistake is hard to find: equal runs give different results.",
                Verdicts.Of(plain.DifferentResults > 1),
                $"{plain.DifferentResults} different results in {plain.Runs} equal runs."),
            new(
                "N15",
                "Reference counts that threads change without a lock go wrong, and under a global lock they do not.",
                references.Wrong > 0 && guardedReferences ? Verdict.Holds : references.Wrong == 0 && guardedReferences ? Verdict.DoesNotHoldHere : Verdict.Depends,
                $"Of {Units.Format(references.Objects, Unit.Count)} objects {Units.Format(references.FreedEarly, Unit.Count)} were freed too early and {Units.Format(references.Leaked, Unit.Count)} leaked; guarded, {(guardedReferences ? "none" : "some")}. {Costs(measured)}"),
        ];
    }

    private static string Costs(RaceMeasured measured) =>
        $"Each reference costs {string.Join(", ", measured.References.Select(static pair => $"{Units.Format(pair.Value.SecondsAlone.Median, Unit.Seconds)} {pair.Key switch { Guard.None => "", Guard.GlobalLock => "under a ", Guard.Lock => "with a ", _ => "with " }}{pair.Key.Text()}"))} on one thread: atomic operations would do without a global lock, at that price.";
}
