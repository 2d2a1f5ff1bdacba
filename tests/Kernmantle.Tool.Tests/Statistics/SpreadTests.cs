using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Statistics;

public sealed class SpreadTests
{
    [Fact]
    public void Median_and_quartiles_are_interpolated()
    {
        Assert.Equal(new Spread(2.5, 1.75, 3.25, 1, 4, 4), Spread.Of(4, 1, 3, 2));
        Assert.Equal(new Spread(7, 7, 7, 7, 7, 1), Spread.Exactly(7));
    }

    [Fact]
    public void Nothing_and_not_a_number_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Spread.Of([]));
        Assert.Throws<ArgumentException>(() => Spread.Of(1, double.NaN));
    }

    [Fact]
    public void Only_spreads_apart_differ()
    {
        Spread low = Spread.Of(1, 1.1, 1.2), high = Spread.Of(2, 2.1, 2.2), wide = Spread.Of(1, 2, 3);
        Assert.Equal(Standing.Lower, low.To(high));
        Assert.Equal(Standing.Higher, high.To(low));
        Assert.Equal(Standing.Unclear, wide.To(high));
        Assert.Equal(Standing.Unclear, high.To(high));
        Assert.Equal(Standing.Higher, high.To(1.5));
        Assert.Equal(Standing.Unclear, wide.To(1.6));
    }

    [Fact]
    public void Measurements_in_turns_are_divided_pair_by_pair()
    {
        // The machine was twice as slow in the second round, for both.
        Assert.Equal(Spread.Of(2, 2, 2), Comparison.Ratio([2, 4, 2], [1, 2, 1]));
        Assert.Throws<ArgumentException>(() => Comparison.Ratio([1], [1, 2]));
    }

    [Theory]
    [InlineData(0.0, nameof(Unit.Seconds), "0 s")]
    [InlineData(0.00123456, nameof(Unit.Seconds), "1.23 ms")]
    [InlineData(0.99999, nameof(Unit.Seconds), "1.00 s")]
    [InlineData(3.5e-7, nameof(Unit.Seconds), "350 ns")]
    [InlineData(1536.0, nameof(Unit.Bytes), "1.50 KiB")]
    [InlineData(2.5e9, nameof(Unit.PerSecond), "2.50 G/s")]
    [InlineData(1.85, nameof(Unit.Ratio), "1.85 ×")]
    [InlineData(0.125, nameof(Unit.Fraction), "12.5 %")]
    [InlineData(12345.0, nameof(Unit.Count), "12,345")]
    public void Figures_are_scaled_for_reading(double value, string unit, string text) => Assert.Equal(text, Units.Format(value, Enum.Parse<Unit>(unit)));

    [Fact]
    public void A_spread_is_shown_where_there_is_one()
    {
        Assert.Equal("2.00 ms (1.50 ms – 2.50 ms)", Units.Format(Spread.Of(0.001, 0.002, 0.003), Unit.Seconds));
        Assert.Equal("2.00 ms", Units.Format(Spread.Exactly(0.002), Unit.Seconds));
    }
}
