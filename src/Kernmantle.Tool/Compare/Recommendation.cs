using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Compare;

/// <summary>Two sentences: which place, and what speaks for another one. Every claim rests on a figure of the table, and on its spread.</summary>
internal static class Recommendation
{
    /// <summary>Where places are as fast, the simpler one: less to start, less to go wrong.</summary>
    private static readonly Place[] Simplest = [Place.Sequential, Place.EventLoop, Place.Asyncio, Place.Threads, Place.GlobalLock, Place.Processes];

    public static string Of(IReadOnlyList<PlaceResult> places)
    {
        PlaceResult sequential = places.First(static p => p.Place == Place.Sequential);
        PlaceResult[] usable = [.. places.Where(p => p.IsComplete && (p == sequential || !sequential.IsComplete || p.Agrees(sequential)))];
        if (usable.Length == 0)
            return $"No place can be recommended: in none did every call come to a result. {FirstTrouble(places)}";
        PlaceResult best = usable.MinBy(static p => p.Wall.Median)!;
        PlaceResult[] asFast = [.. usable.Where(p => p == best || p.Wall.Clearly(best.Wall) == Standing.Unclear).OrderBy(static p => Array.IndexOf(Simplest, p.Place))];
        PlaceResult chosen = asFast[0];
        return $"{Choice(chosen, best, sequential, asFast)} {Other(chosen, places, usable, asFast)}";
    }

    private static string Choice(PlaceResult chosen, PlaceResult best, PlaceResult sequential, PlaceResult[] asFast) =>
        chosen.Place == Place.Sequential && asFast.Length == 1
            ? $"Stay with one after the other: {Time(chosen)}, and every other place took longer."
        : chosen.Place == Place.Sequential
            ? best == chosen
                ? $"No clear difference: one after the other took {Time(chosen)}, and no place took clearly less; stay with it."
                : $"No clear difference: one after the other took {Time(chosen)}, {best.Name} {Time(best)}, and their spreads overlap; stay with one after the other."
        : !sequential.IsComplete
            ? $"Use {chosen.Name}: {Time(chosen)}, where one after the other did not come to an end."
            : $"Use {chosen.Name}: {Time(chosen)} against {Time(sequential)} one after the other, {Units.Format(sequential.Wall.Median / chosen.Wall.Median, Unit.Ratio)} as fast.";

    private static string Other(PlaceResult chosen, IReadOnlyList<PlaceResult> places, PlaceResult[] usable, PlaceResult[] asFast)
    {
        if (places.FirstOrDefault(static p => p.Ended is not null) is { } ended)
            return $"On {ended.Name} it did not end well: {ended.Ended}";
        if (places.FirstOrDefault(p => p.IsComplete && !usable.Contains(p)) is { } differs)
            return $"On {differs.Name} it gave other results: it depends on more than its input.";
        if (asFast.FirstOrDefault(p => p.Place == Place.Processes && p != chosen) is { } isolated)
            return $"No clear difference to {isolated.Name} ({Time(isolated)}): take these where a failure must not spread.";
        PlaceResult? next = usable.Where(p => !asFast.Contains(p)).MinBy(static p => p.Wall.Median);
        return next is null ? "The other places are as fast."
            : $"The next is {next.Name} with {Time(next)}, {Units.Format(next.Wall.Median / chosen.Wall.Median, Unit.Ratio)} as long.";
    }

    private static string FirstTrouble(IReadOnlyList<PlaceResult> places) =>
        places.Select(static p => p.Ended is not null ? $"{p.Name}: {p.Ended}" : p.Outcome is { Failures: > 0 } failed ? $"{p.Name}: {failed.Failures} calls failed, the first with {failed.FirstFailure}." : null)
            .FirstOrDefault(static t => t is not null) ?? "";

    private static string Time(PlaceResult place) => Units.Format(place.Wall, Unit.Seconds);
}
