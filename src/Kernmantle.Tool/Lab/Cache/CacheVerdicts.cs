using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Cache;

/// <summary>What the measurements say about N13's caches.</summary>
internal static class CacheVerdicts
{
    public static IReadOnlyList<Finding> Judge(CacheMeasured measured)
    {
        string ratio = Units.Format(measured.ProcessesOverThreads, Unit.Ratio);
        string set = $"With {Units.Format(measured.SetBytes, Unit.Bytes)} each, where the core's cache holds {Units.Format(measured.CacheBytes, Unit.Bytes)},";
        (Verdict verdict, string why) = measured.ProcessesOverThreads.Quotient() switch
        {
            Standing.Higher => (Verdict.Holds, $"{set} a line takes {ratio} as long as in threads that share one set: {Units.Format(measured.Processes, Unit.Seconds)} against {Units.Format(measured.Threads, Unit.Seconds)}."),
            Standing.Lower => (Verdict.DoesNotHoldHere, $"{set} a line takes only {ratio} as long as in threads that share one set."),
            _ => (Verdict.Depends, $"{set} there is no clear difference from threads that share one set ({ratio})."),
        };
        return [new("N13", "Processes that take turns on a core drive each other's data out of its cache; threads that share data do not.", verdict, why)];
    }
}
