using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>Made-up measurements.</summary>
internal static class Made
{
    /// <summary>A figure that varies by 2 % around a value.</summary>
    public static Spread Around(double value) => Spread.Of(value * 0.98, value, value * 1.02);

    /// <summary>A figure that is between half and twice a value.</summary>
    public static Spread Wide(double value) => Spread.Of(value * 0.5, value * 0.6, value, value * 1.8, value * 2);

    public static Verdict Of(this IReadOnlyList<Finding> findings, string claim, int index = 0) =>
        findings.Where(finding => finding.Claim == claim).ElementAt(index).Verdict;

    public static string Why(this IReadOnlyList<Finding> findings, string claim, int index = 0) =>
        findings.Where(finding => finding.Claim == claim).ElementAt(index).Why;
}
