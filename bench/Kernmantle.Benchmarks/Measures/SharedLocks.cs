using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>A lock that processes share: free, and wanted by two of them all the time; and a number that they share.</summary>
internal static class SharedLocks
{
    private const int Batch = 1000;

    private static long counter;

    public static Task<Line[]> PairAsync(Settings settings)
    {
        using var guard = new SharedLock();
        return Task.FromResult<Line[]>([GlobalLocks.Each(settings, Batch, () =>
        {
            for (int i = 0; i < Batch; i++)
            {
                using (guard.Enter())
                    counter++;
            }
        })]);
    }

    public static Task<Line[]> AddAsync(Settings settings)
    {
        using var number = new SharedValue<long>();
        return Task.FromResult<Line[]>([GlobalLocks.Each(settings, Batch, () =>
        {
            for (int i = 0; i < Batch; i++)
                number.Add(1);
        })]);
    }

    /// <summary>How often this process and a worker take it in a second.</summary>
    public static async Task<Line[]> ContendedAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var guard = new SharedLock();
        using var count = new SharedArray<long>(1);
        using var stop = new SharedEvent();
        Task other = pool.RunAsync(() => Compete(guard, count, stop));
        while (count[0] == 0)
            await Task.Yield();   // until the worker runs
        double rate = Compete(guard, count, settings);
        stop.Set();
        await other;
        return [Line.Of(rate, "calls/s")];
    }

    private static void Compete(SharedLock guard, SharedArray<long> count, SharedEvent stop)
    {
        while (!stop.IsSet)
            Take(guard, count);
    }

    private static double Compete(SharedLock guard, SharedArray<long> count, Settings settings)
    {
        long begin = Stopwatch.GetTimestamp(), before = count[0];
        long counted = begin + (settings.WarmMs * Stopwatch.Frequency / 1000), end = counted + (settings.TimeMs * Stopwatch.Frequency / 1000);
        for (long now = begin; now < end; now = Stopwatch.GetTimestamp())
        {
            if (now < counted)
                before = count[0];
            for (int i = 0; i < 100; i++)
                Take(guard, count);
        }
        return (count[0] - before) / Stopwatch.GetElapsedTime(counted).TotalSeconds;
    }

    private static void Take(SharedLock guard, SharedArray<long> count)
    {
        using (guard.Enter())
            count[0]++;
    }
}
