namespace Kernmantle.Benchmarks;

/// <summary>The samples of one measure, in its unit. Kept whole: nothing is averaged away.</summary>
internal sealed class Samples
{
    private readonly List<double> values = [];

    public int Count => values.Count;

    public double Median => Quantile(0.5);

    public double P99 => Quantile(0.99);

    public double Minimum => Quantile(0);

    public void Add(double value) => values.Add(value);

    public void AddRange(IEnumerable<double> more) => values.AddRange(more);

    /// <summary>The value at that rank, of those measured: no interpolation.</summary>
    private double Quantile(double rank)
    {
        if (values.Count == 0)
            throw new InvalidOperationException("Nothing was measured.");
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min((int)(rank * sorted.Length), sorted.Length - 1)];
    }
}
