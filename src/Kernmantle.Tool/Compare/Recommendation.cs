using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Compare;

/// <summary>
/// Judges the figures, and knows nothing else. A place that ended the program, did not end, gave other results, or failed in more calls than
/// another is out; of the rest the fastest wins, and where its lead, taken turn by turn, is not beyond the spread, the simplest of those that may be the fastest.
/// </summary>
internal static class Recommendation
{
    /// <param name="calls">How many calls a round has.</param>
    /// <exception cref="ArgumentException">There is no place.</exception>
    public static Advice For(IReadOnlyList<PlaceMeasured> places, int calls)
    {
        if (places.Count == 0)
            throw new ArgumentException("There is nothing to choose from.", nameof(places));
        PlaceMeasured[] lived = [.. places.Where(static place => place.End == PlaceEnd.Ran)];
        if (lived.Length == 0)
            return new(null, false, $"No place ran to its end: {Reasons(places, 0, calls)}.", "Mend the function first; 'kern run' shows what happens to a single call.");
        int fewest = lived.Min(static place => place.Failures);
        if (fewest == calls)
            return NoneSucceeds(places, lived, calls);
        PlaceMeasured[] usable = [.. lived.Where(place => place.Failures == fewest && place.Results != Agreement.Differ)];
        string reasons = Reasons(places, fewest, calls);
        if (usable.Length == 0)
            return new(null, false, $"No place is to be trusted: {reasons}.", "What one call leaves behind changes the results of others: mend that first.");
        PlaceMeasured fastest = usable.MinBy(static place => place.Wall().Median)!;
        PlaceMeasured[] near = [.. usable.Where(place => place == fastest || fastest.SpeedUp(place).Quotient() != Standing.Higher).OrderBy(static place => place.Place)];
        return near.Length > 1 ? Unclear(near, usable, reasons) : Clear(fastest, usable, reasons);
    }

    private static Advice Clear(PlaceMeasured best, PlaceMeasured[] usable, string reasons)
    {
        PlaceMeasured? sequential = usable.FirstOrDefault(static place => place.Place == Place.Sequential && place.Rounds.Count > 0);
        PlaceMeasured? next = usable.Where(place => place != best).MinBy(static place => place.Wall().Median);
        string wall = Units.Format(best.Wall(), Unit.Seconds);
        string first = best.Place == Place.Sequential && next is not null
            ? $"Keep it sequential: a round takes {wall}, and {Units.Format(next.Wall(), Unit.Seconds)} in the next best place ({next.Name})."
            : sequential is not null && sequential != best
                ? $"Run it {In(best)}: {Units.Format(best.SpeedUp(sequential), Unit.Ratio)} as fast as sequential, {Units.Format(best.Wall().Median, Unit.Seconds)} instead of {Units.Format(sequential.Wall().Median, Unit.Seconds)} for a round."
                : next is not null
                    ? $"Run it {In(best)}: a round takes {wall}, and {Units.Format(next.Wall(), Unit.Seconds)} in the next best place ({next.Name})."
                    : $"Run it {In(best)}, the only place left: a round takes {wall}.";
        string second = reasons.Length > 0 ? $"Not to be chosen: {reasons}."
            : sequential is not null && sequential != best ? Price(best, sequential)
            : "Other places add the cost of handing the calls over, and gain nothing.";
        return new(best.Place, true, first, second);
    }

    private static Advice Unclear(PlaceMeasured[] near, PlaceMeasured[] usable, string reasons)
    {
        PlaceMeasured simplest = near[0];
        PlaceMeasured? sequential = usable.FirstOrDefault(static place => place.Place == Place.Sequential);
        string figures = List(near.Select(static place => $"{place.Name} {Units.Format(place.Wall(), Unit.Seconds)}"));
        string gain = sequential is null || simplest == sequential ? "" : $", {Units.Format(simplest.SpeedUp(sequential), Unit.Ratio)} as fast as sequential";
        return new(
            simplest.Place,
            false,
            $"No clear difference between {figures} for a round: compared turn by turn, none is faster by more than the spread.",
            $"{(simplest.Place == Place.Sequential ? "Keep it sequential" : $"Run it {In(simplest)}")}, the simplest of them{gain}{(reasons.Length > 0 ? $"; not to be chosen: {reasons}" : "")}.");
    }

    private static Advice NoneSucceeds(IReadOnlyList<PlaceMeasured> places, PlaceMeasured[] lived, int calls)
    {
        PlaceMeasured[] dead = [.. places.Where(static place => place.End != PlaceEnd.Ran)];
        string why = lived[0].FirstFailure ?? "no message";
        return dead.Length > 0 && lived is [{ Place: Place.Processes } only]
            ? new(Place.Processes, true, $"Only processes contain it: all {calls} calls fail there, one by one, and the program goes on ({Sentence(why)}).", $"Not to be chosen: {Reasons(dead, calls, calls)}.")
            : new(null, false, $"All {calls} calls fail in every place: {Sentence(why)}.", "Mend the function, or its inputs, first.");
    }

    private static string Price(PlaceMeasured best, PlaceMeasured sequential) =>
        $"It takes {Times(best.Cpu().Median, sequential.Cpu().Median)} the processor time and {Times(best.Peak().Median, sequential.Peak().Median)} the memory of sequential"
        + $" ({Units.Format(best.Cpu().Median, Unit.Seconds)} and {Units.Format(best.Peak().Median, Unit.Bytes)}).";

    private static string Times(double a, double b) => b > 0 ? Units.Format(a / b, Unit.Ratio) : "many times";

    /// <summary>Why places may not be chosen, those with one reason together; empty if all may. The messages stand below the tables.</summary>
    private static string Reasons(IEnumerable<PlaceMeasured> places, int fewest, int calls) =>
        List(places.Select(place => (place.Name, Why: WhyNot(place, fewest, calls)))
            .Where(static place => place.Why is not null)
            .GroupBy(static place => place.Why, static place => place.Name)
            .Select(static group => $"{string.Join(" and ", group)} ({group.Key})"));

    /// <summary>Null for a place that may be chosen.</summary>
    private static string? WhyNot(PlaceMeasured place, int fewest, int calls) => place switch
    {
        { End: PlaceEnd.EndsProgram } => "ends the program",
        { End: PlaceEnd.NeverEnds } => "does not end",
        _ when place.Failures > fewest => $"{place.Failures} of {calls} calls fail",
        { Results: Agreement.Differ } => "other results",
        _ => null,
    };

    private static string In(PlaceMeasured place) => place.Place switch
    {
        Place.Sequential => "sequentially",
        Place.EventLoop => place.Name == "asyncio" ? "on asyncio" : "on an event loop",
        Place.Threads => "on threads",
        Place.GlobalLock => "under a global lock",
        _ => "in processes",
    };

    /// <summary>A message as a part of a sentence.</summary>
    private static string Sentence(string message) => message.TrimEnd('.', ' ', ':');

    private static string List(IEnumerable<string> parts) => string.Join(", ", parts);
}
