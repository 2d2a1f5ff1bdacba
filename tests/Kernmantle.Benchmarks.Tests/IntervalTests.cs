using Kernmantle.Benchmarks.Judging;

namespace Kernmantle.Benchmarks.Tests;

public sealed class IntervalTests
{
    [Fact]
    public void Five_measurements_are_as_sure_from_the_least_to_the_greatest_as_five_can_be()
    {
        Interval interval = Interval.Of(5, 1, 4, 2, 3);

        Assert.Equal((1, 3, 5, 5), (interval.Low, interval.Median, interval.High, interval.Count));
        Assert.Equal(0.9375, interval.Confidence, 6);
    }

    [Theory]
    [InlineData(1, 0, 0.0)]
    [InlineData(3, 0, 0.75)]
    [InlineData(7, 0, 0.984375)]   // without the outermost on either side it would be 0.875
    [InlineData(8, 1, 0.9296875)]
    [InlineData(9, 1, 0.9609375)]
    [InlineData(20, 5, 0.958611)]
    public void As_many_are_left_out_on_either_side_as_a_confidence_of_ninety_percent_allows(int count, int leftOut, double confidence)
    {
        Interval interval = Interval.Of(Enumerable.Range(0, count).Select(static n => (double)n));

        Assert.Equal((leftOut, count - 1 - leftOut), ((int)interval.Low, (int)interval.High));
        Assert.Equal(confidence, interval.Confidence, 6);
    }

    [Fact]
    public void The_confidence_is_what_made_up_runs_show()
    {
        var random = new Random(11);
        int within = 0;
        const int Runs = 20_000;
        for (int run = 0; run < Runs; run++)
        {
            // The true median is ln 2; such a long tail is what latencies have.
            Interval interval = Interval.Of(Enumerable.Range(0, 5).Select(_ => -Math.Log(1 - random.NextDouble())));
            within += interval.Low <= Math.Log(2) && Math.Log(2) <= interval.High ? 1 : 0;
        }

        Assert.InRange((double)within / Runs, 0.93, 0.945);
    }

    [Fact]
    public void The_median_of_an_even_number_lies_between_the_two_in_the_middle() => Assert.Equal(2.5, Interval.Of(4, 1, 3, 2).Median);

    [Fact]
    public void No_measurement_and_what_is_no_number_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => Interval.Of());
        Assert.Throws<ArgumentException>(static () => Interval.Of(1, double.NaN));
    }
}
