using Kernmantle.Benchmarks.Running;

namespace Kernmantle.Benchmarks.Tests;

public sealed class ProcessorTimesTests
{
    private const string Before = """
        cpu  1000 0 0 0 0 0 0 0 0 0
        cpu0 100 10 20 800 5 1 2 40 50 0
        cpu1 200 0 30 700 0 0 0 0 0 0
        cpu10 9 9 9 9 9 9 9 9 9 9
        intr 1 2 3
        """;

    private const string After = """
        cpu  2000 0 0 0 0 0 0 0 0 0
        cpu0 110 10 20 870 15 1 2 50 50 0
        cpu1 230 0 30 770 0 0 0 0 0 0
        cpu10 999 9 9 9 9 9 9 9 9 9
        intr 9 9 9
        """;

    [Fact]
    public void Only_the_processors_in_use_count_and_guests_count_once() => Assert.Equal(new(133 + 230, 805 + 700, 40), Parse(Before, 0, 1));

    [Fact]
    public void Shares_are_those_of_the_time_between()
    {
        ProcessorTimes before = Parse(Before, 0, 1), after = Parse(After, 0, 1);

        Assert.Equal(0.2, after.BusySince(before), 9);    // 10 and 30 of 200 ticks
        Assert.Equal(0.05, after.StolenSince(before), 9);
    }

    [Fact]
    public void No_time_at_all_is_no_share() => Assert.Equal((0, 0), (Parse(Before, 0).BusySince(Parse(Before, 0)), Parse(Before, 0).StolenSince(Parse(Before, 0))));

    private static ProcessorTimes Parse(string text, params int[] processors) => ProcessorTimes.Parse(text.Split('\n'), processors);
}
