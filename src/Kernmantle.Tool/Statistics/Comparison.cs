namespace Kernmantle.Tool.Statistics;

/// <summary>How one figure stands to another.</summary>
internal enum Standing
{
    /// <summary>Their spreads overlap: these measurements cannot tell them apart.</summary>
    Unclear,

    Lower,

    Higher,
}

/// <summary>Decides whether a difference between two figures is more than their spread.</summary>
internal static class Comparison
{
    /// <summary>
    /// Whether <paramref name="figure"/> is lower or higher than <paramref name="other"/>. The middle halves of the measurements (from quartile
    /// to quartile) must not overlap; on a noisy machine a single outlier would make extremes overlap always.
    /// </summary>
    public static Standing To(this Spread figure, Spread other) =>
        figure.UpperQuartile < other.LowerQuartile ? Standing.Lower
        : figure.LowerQuartile > other.UpperQuartile ? Standing.Higher
        : Standing.Unclear;

    /// <summary>As <see cref="To(Spread, Spread)"/>, with a bound that has no spread.</summary>
    public static Standing To(this Spread figure, double bound) => figure.To(Spread.Exactly(bound));

    /// <summary>The least quotient that matters: ten in a hundred. A smaller difference is real, perhaps, but nobody's reason to choose.</summary>
    public const double Matters = 1.1;

    /// <summary>As <see cref="To(Spread, Spread)"/>, but a difference that does not matter is none.</summary>
    public static Standing Clearly(this Spread figure, Spread other) =>
        Math.Max(figure.Median, other.Median) < Matters * Math.Min(figure.Median, other.Median) ? Standing.Unclear : figure.To(other);

    /// <summary>Whether a quotient of two figures says that the first is lower, or higher, by as much as matters.</summary>
    public static Standing Quotient(this Spread ratio) =>
        ratio.To(Matters) == Standing.Higher ? Standing.Higher
        : ratio.To(1 / Matters) == Standing.Lower ? Standing.Lower
        : Standing.Unclear;

    /// <summary>
    /// Whether a speed-up is one: higher if it clearly is, lower if it is none, unclear if the measurements allow both.
    /// </summary>
    public static Standing Gain(this Spread speedUp) =>
        speedUp.LowerQuartile > Matters ? Standing.Higher : speedUp.UpperQuartile <= Matters ? Standing.Lower : Standing.Unclear;

    /// <summary>
    /// Quotients of measurements that were taken in turns: each of the one with its neighbour of the other, so that what disturbed both
    /// cancels out.
    /// </summary>
    /// <exception cref="ArgumentException">The lists are of different lengths, or empty.</exception>
    public static Spread Ratio(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators) =>
        numerators.Count == denominators.Count
            ? Spread.Of(numerators.Zip(denominators, static (a, b) => a / b))
            : throw new ArgumentException("Measurements taken in turns come in pairs.", nameof(denominators));
}
