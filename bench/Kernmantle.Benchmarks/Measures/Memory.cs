using System.Globalization;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What an idle worker costs in memory: its proportional set size, in which shared pages count by share.</summary>
internal static class Memory
{
    public static async Task<Line[]> PerWorkerAsync(int workers)
    {
        await using WorkerPool pool = WorkerPool.Processes(workers);
        await pool.StartAsync();
        int[] ids = await WorkerIds.OfAsync(pool, workers);
        await Task.Delay(1000);
        return [Line.Of(ids.Average(Proportional), "B")];
    }

    private static double Proportional(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/smaps_rollup").First(static l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(4, line.Length - 6).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
