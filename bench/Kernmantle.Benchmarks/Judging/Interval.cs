namespace Kernmantle.Benchmarks.Judging;

/// <summary>
/// The median of several measurements and how far it can be trusted: the narrowest pair of order statistics, the same rank from either end,
/// between which the true median lies with a confidence of 90 % or more. With 5 to 7 measurements that is the least and the greatest (94 to
/// 98 %), from 8 on the second of either end, and so on. It asks nothing of how the measurements are distributed, which a bootstrap of five
/// only seems to, and unlike the quartiles it says how sure it is. Fewer than 5 cannot reach 90 %: then it is the least and the greatest, too.
/// </summary>
/// <param name="Confidence">The probability that the true median lies within, for independent measurements; 0 to 1.</param>
internal sealed record Interval(double Low, double Median, double High, int Count, double Confidence)
{
    public const double Wanted = 0.9;

    /// <exception cref="ArgumentException">There is no measurement, or one is not a number.</exception>
    public static Interval Of(params IEnumerable<double> measurements)
    {
        double[] sorted = [.. measurements.Order()];
        if (sorted.Length == 0 || sorted.Any(double.IsNaN))
            throw new ArgumentException("At least one measurement is needed, and all must be numbers.", nameof(measurements));
        int n = sorted.Length, middle = n / 2, outside = 0;
        while (outside + 1 <= (n - 1) / 2 && ConfidenceOf(n, outside + 1) >= Wanted)
            outside++;
        double median = n % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(sorted[outside], median, sorted[n - 1 - outside], n, ConfidenceOf(n, outside));
    }

    /// <summary>
    /// Of <paramref name="n"/> measurements each lies above the true median with probability ½: the true median is outside of the interval if at
    /// most <paramref name="outside"/> of them lie on one side of it.
    /// </summary>
    private static double ConfidenceOf(int n, int outside)
    {
        double probability = Math.Pow(0.5, n), sum = 0;
        for (int k = 0; k <= outside; k++)
        {
            sum += probability;
            probability *= (double)(n - k) / (k + 1);
        }
        return Math.Max(0, 1 - (2 * sum));
    }
}
