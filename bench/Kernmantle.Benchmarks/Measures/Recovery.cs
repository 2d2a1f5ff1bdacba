using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>From a call that kills its worker until two workers serve again.</summary>
internal static class Recovery
{
    public static async Task<Line[]> MeasureAsync(Settings settings)
    {
        var samples = new long[settings.Count];
        for (int i = 0; i < samples.Length; i++)
        {
            await using WorkerPool pool = WorkerPool.Processes(2);
            await pool.StartAsync();
            await WorkerIds.OfAsync(pool, 2);
            var watch = Stopwatch.StartNew();
            try
            {
                await pool.RunAsync(Functions.Die);
            }
            catch (WorkerCrashedException)
            {
                // what was asked for
            }
            while ((await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.RunAsync(Functions.WaitAndTellId, 1)))).Distinct().Count() < 2)
            {
            }
            samples[i] = (long)watch.Elapsed.TotalNanoseconds;
        }
        return [Line.Of(samples)];
    }
}
