using System.Diagnostics;
using System.Globalization;
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
        double before = Processors(ids);
        var watch = Stopwatch.StartNew();
        long calls = Run(pool, settings.TimeMs);
        double elapsed = watch.Elapsed.TotalSeconds, used = Processors(ids) - before;
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

    /// <summary>Seconds of processors, user and system, of this process and its workers.</summary>
    private static double Processors(int[] workers) => Environment.CpuUsage.TotalTime.TotalSeconds + workers.Sum(OfProcess);

    private static double OfProcess(int id)
    {
        // After the name, which may hold anything but ends with the last parenthesis: fields 14 and 15, in ticks of 10 ms.
        string stat = File.ReadAllText($"/proc/{id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }
}
