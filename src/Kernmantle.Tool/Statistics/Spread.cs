namespace Kernmantle.Tool.Statistics;

/// <summary>
/// Repeated measurements of one figure: their median, their quartiles (linear interpolation between order statistics, Hyndman and Fan's type 7)
/// and their extremes. Immutable.
/// </summary>
/// <param name="Count">How many measurements.</param>
internal sealed record Spread(double Median, double LowerQuartile, double UpperQuartile, double Min, double Max, int Count)
{
    /// <exception cref="ArgumentException">There is no measurement, or one is not a number.</exception>
    public static Spread Of(params IEnumerable<double> measurements)
    {
        double[] sorted = [.. measurements.Order()];
        if (sorted.Length == 0 || sorted.Any(double.IsNaN))
            throw new ArgumentException("At least one measurement is needed, and all must be numbers.", nameof(measurements));
        return new(At(sorted, 0.5), At(sorted, 0.25), At(sorted, 0.75), sorted[0], sorted[^1], sorted.Length);
    }

    /// <summary>A figure that was counted, not measured: it has no spread.</summary>
    public static Spread Exactly(double value) => Of(value);

    /// <summary>The same measurements in another unit.</summary>
    public Spread Times(double factor) => factor > 0
        ? new(Median * factor, LowerQuartile * factor, UpperQuartile * factor, Min * factor, Max * factor, Count)
        : throw new ArgumentOutOfRangeException(nameof(factor));

    private static double At(double[] sorted, double quantile)
    {
        double place = quantile * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
