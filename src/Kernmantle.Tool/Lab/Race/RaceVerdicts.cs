using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>What the measurements say about N8, N10 and N15.</summary>
internal static class RaceVerdicts
{
    public static IReadOnlyList<Finding> Judge(RaceMeasured measured)
    {
        CounterRuns plain = measured.Counters[Guard.None], shared = measured.Shared[Guard.None];
        ReferenceRuns references = measured.References[Guard.None];
        bool guarded = Guarded(measured.Counters), guardedShared = Guarded(measured.Shared);
        bool guardedReferences = measured.References.Where(static pair => pair.Key != Guard.None).All(static pair => pair.Value.Wrong == 0);
        return
        [
            new(
                "N8",
                "Threads that change a shared number without synchronisation lose changes, and with it they do not.",
                Races(plain, guarded),
                $"Unsynchronised, {Units.Format(plain.Lost, Unit.Fraction)} of the increments were lost; with a lock or atomic operations {(guarded ? "none" : "some")}; in processes, each with its own number, the sum was {(measured.ProcessesRight ? "right" : "wrong")}."),
            new(
                "N8",
                "Processes that share a number race as threads do.",
                Races(shared, guardedShared),
                $"Read from and written to a SharedValue by {SharedCounter.Processes} processes, {Units.Format(shared.Lost, Unit.Fraction)} of the increments were lost; by Add or under a SharedLock {(guardedShared ? "none" : "some")}."),
            new(
                "N8",
                "What a killed process leaves half done reaches the next owner of its lock, who is told.",
                Verdicts.Of(measured.Abandoned is { Told: true, HalfDone: true, Mended: true }),
                $"The next owner was {(measured.Abandoned.Told ? $"told {Units.Format(measured.Abandoned.SecondsToNext, Unit.Seconds)} after the kill" : "not told")}, found the data {(measured.Abandoned.HalfDone ? "half changed" : "whole")}, and {(measured.Abandoned.Mended ? "mended it: from then on nobody was told" : "could not mend it")}."),
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

    private static bool Guarded(IReadOnlyDictionary<Guard, CounterRuns> counters) =>
        counters.Where(static pair => pair.Key != Guard.None).All(static pair => pair.Value.Lost.Max == 0);

    private static Verdict Races(CounterRuns plain, bool guarded) =>
        !guarded ? Verdict.Depends : Verdicts.Of(plain.Lost.Max > 0);

    private static string Costs(RaceMeasured measured) =>
        $"Each reference costs {string.Join(", ", measured.References.Select(static pair => $"{Units.Format(pair.Value.SecondsAlone.Median, Unit.Seconds)} {pair.Key switch { Guard.None => "", Guard.GlobalLock => "under a ", Guard.Lock => "with a ", _ => "with " }}{pair.Key.Text()}"))} on one thread: atomic operations would do without a global lock, at that price.";
}
