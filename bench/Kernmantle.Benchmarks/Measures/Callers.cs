using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Eight threads call two workers, each as fast as it gets answers.</summary>
internal static class Callers
{
    private const int Threads = 8, Workers = 2;

    public static async Task<Line[]> MeasureAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(Workers);
        await pool.StartAsync();
        int[] ids = await WorkerIds.OfAsync(pool, Workers);
        Run(pool, settings.WarmMs);
        double before = ProcessorUse.Seconds(ids);
        var watch = Stopwatch.StartNew();
        long calls = Run(pool, settings.TimeMs);
        double elapsed = watch.Elapsed.TotalSeconds, used = ProcessorUse.Seconds(ids) - before;
        return [Line.Of(calls / elapsed, "calls/s", n: calls), Line.Of(used / calls * 1e9, "ns", "cpu", calls)];
    }

    private static long Run(WorkerPool pool, int milliseconds)
    {
        long calls = 0, end = Stopwatch.GetTimestamp() + (milliseconds * Stopwatch.Frequency / 1000);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            long mine = 0;
            for (; Stopwatch.GetTimestamp() < end; mine++)
                pool.Run(Functions.Nothing);
            Interlocked.Add(ref calls, mine);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return calls;
    }
}
