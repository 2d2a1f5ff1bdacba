using System.Diagnostics;

namespace Kernmantle.Benchmarks.Measuring;

/// <summary>Many calls at once.</summary>
internal static class Rate
{
    /// <summary>Calls (or <paramref name="unit"/>) a second of one batch, after smaller ones that compile and warm up.</summary>
    public static async Task<Line> MeasureAsync(Settings settings, Func<int, Task> batch, string unit = "calls/s")
    {
        var warming = Stopwatch.StartNew();
        do
            await batch(Math.Min(settings.Count, 2000));
        while (warming.ElapsedMilliseconds < settings.WarmMs);
        var watch = Stopwatch.StartNew();
        await batch(settings.Count);
        return Line.Of(settings.Count / watch.Elapsed.TotalSeconds, unit, n: settings.Count);
    }
}
