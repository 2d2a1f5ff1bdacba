using Kernmantle.Tool.Compare;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Compare.Places;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary>The recommendation, from made-up figures.</summary>
public sealed class RecommendationTests
{
    private const int Calls = 10;

    [Fact]
    public void A_clear_winner_is_named_with_its_speed_up_and_its_price()
    {
        Advice advice = For(
            Ran(Place.Sequential, [2.0, 2.1, 1.9]),
            Ran(Place.Threads, [1.9, 2.0, 1.8]),
            Ran(Place.Processes, [1.0, 1.05, 0.95], peak: 400));
        Assert.Equal((Place.Processes, true), (advice.Place, advice.IsClear));
        Assert.Equal("Run it in processes: 2.00 × as fast as sequential, 1.00 s instead of 2.00 s for a round.", advice.First);
        Assert.Contains("4.00 × the memory", advice.Second, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_spreads_overlap_the_simplest_is_taken_and_no_difference_claimed()
    {
        Advice advice = For(
            Ran(Place.Sequential, [2.0, 2.1, 1.9]),
            Ran(Place.Processes, [1.00, 1.05, 0.95]),
            Ran(Place.Threads, [1.02, 0.97, 1.04]));
        Assert.Equal((Place.Threads, false), (advice.Place, advice.IsClear));
        Assert.StartsWith("No clear difference between threads 1.02 s", advice.First, StringComparison.Ordinal);
        Assert.Contains("processes", advice.First, StringComparison.Ordinal);
        Assert.DoesNotContain("sequential", advice.First, StringComparison.Ordinal);
        Assert.StartsWith("Run it on threads, the simplest of them", advice.Second, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_that_does_not_matter_is_none()
    {
        Advice advice = For(Ran(Place.Sequential, [1.05, 1.05, 1.05]), Ran(Place.Threads, [1.0, 1.0, 1.0]));
        Assert.Equal((Place.Sequential, false), (advice.Place, advice.IsClear));
        Assert.StartsWith("No clear difference", advice.First, StringComparison.Ordinal);
        Assert.StartsWith("Keep it sequential", advice.Second, StringComparison.Ordinal);
    }

    [Fact]
    public void What_costs_more_than_it_gains_stays_sequential()
    {
        Advice advice = For(Ran(Place.Sequential, [0.1, 0.1, 0.1]), Ran(Place.Threads, [0.2, 0.21, 0.19]), Ran(Place.Processes, [1.0, 1.0, 1.0]));
        Assert.Equal((Place.Sequential, true), (advice.Place, advice.IsClear));
        Assert.Contains("100 ms", advice.First, StringComparison.Ordinal);
        Assert.Contains("(threads)", advice.First, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fastest_is_out_if_calls_fail_only_there()
    {
        Advice advice = For(
            Ran(Place.Sequential, [2.0, 2.0, 2.0]),
            Ran(Place.Threads, [1.0, 1.0, 1.0]),
            Ran(Place.Processes, [0.1, 0.1, 0.1]) with { Failures = Calls, FirstFailure = "NotPortableException: The result cannot cross." });
        Assert.Equal(Place.Threads, advice.Place);
        Assert.Equal("Not to be chosen: processes (10 of 10 calls fail).", advice.Second);
    }

    [Fact]
    public void Calls_that_fail_everywhere_alike_are_the_functions_own_and_exclude_no_place()
    {
        Advice advice = For(
            Ran(Place.Sequential, [2.0, 2.0, 2.0]) with { Failures = 1 },
            Ran(Place.Threads, [1.0, 1.0, 1.0]) with { Failures = 1 });
        Assert.Equal((Place.Threads, true), (advice.Place, advice.IsClear));
    }

    [Fact]
    public void The_fastest_is_out_if_it_gives_other_results()
    {
        Advice advice = For(
            Ran(Place.Sequential, [2.0, 2.0, 2.0]),
            Ran(Place.Threads, [0.5, 0.5, 0.5]) with { Results = Agreement.Differ, Difference = "input 3 gives 4 instead of 5" },
            Ran(Place.Processes, [1.0, 1.0, 1.0]));
        Assert.Equal(Place.Processes, advice.Place);
        Assert.Equal("Not to be chosen: threads (other results).", advice.Second);
    }

    [Fact]
    public void A_place_whose_program_ends_or_that_does_not_end_is_out()
    {
        Advice advice = For(
            Lost(Place.Sequential, PlaceEnd.EndsProgram),
            Lost(Place.Threads, PlaceEnd.EndsProgram),
            Lost(Place.GlobalLock, PlaceEnd.NeverEnds),
            Ran(Place.Processes, [1.0, 1.0, 1.0]) with { Failures = 2 });
        Assert.Equal(Place.Processes, advice.Place);
        Assert.Equal("Run it in processes, the only place left: a round takes 1.00 s.", advice.First);
        Assert.Equal("Not to be chosen: sequential and threads (ends the program), global lock (does not end).", advice.Second);
    }

    [Fact]
    public void If_each_call_crashes_only_processes_contain_it()
    {
        Advice advice = For(
            Lost(Place.Sequential, PlaceEnd.EndsProgram),
            Lost(Place.Threads, PlaceEnd.EndsProgram),
            Ran(Place.Processes, [1.0, 1.0, 1.0]) with { Failures = Calls, FirstFailure = "signal 6" });
        Assert.Equal(Place.Processes, advice.Place);
        Assert.StartsWith("Only processes contain it: all 10 calls fail there", advice.First, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_recommended_if_every_call_fails_everywhere()
    {
        Advice advice = For(
            Ran(Place.Sequential, [1.0, 1.0, 1.0]) with { Failures = Calls, FirstFailure = "IOException: no disk." },
            Ran(Place.Threads, [1.0, 1.0, 1.0]) with { Failures = Calls, FirstFailure = "IOException: no disk." });
        Assert.Null(advice.Place);
        Assert.Equal("All 10 calls fail in every place: IOException: no disk.", advice.First);
    }

    [Fact]
    public void Nothing_is_recommended_if_no_place_ends()
    {
        Advice advice = For(Lost(Place.Sequential, PlaceEnd.NeverEnds), Lost(Place.Processes, PlaceEnd.NeverEnds));
        Assert.Null(advice.Place);
        Assert.Equal("No place ran to its end: sequential and processes (does not end).", advice.First);
    }

    private static Advice For(params PlaceMeasured[] places) => Recommendation.For(places, Calls);

    private static PlaceMeasured Ran(Place place, double[] seconds, double peak = 100) => new(
        place, place.Name(), PlaceEnd.Ran, null, [.. seconds.Select(wall => new RoundFigures(wall, 2.0, peak * (1 << 20), 1000, 0, 10))], 0, null, Agreement.Same, null);

    private static PlaceMeasured Lost(Place place, PlaceEnd end) => new(place, place.Name(), end, "gone", [], 0, null, Agreement.NotCompared, null);
}
