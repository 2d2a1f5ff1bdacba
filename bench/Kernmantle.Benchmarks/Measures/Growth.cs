using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What a call costs where there are many workers, or many calls.</summary>
internal static class Growth
{
    public static async Task<Line[]> WorkersAsync(Settings settings, int workers)
    {
        await using WorkerPool pool = WorkerPool.Processes(workers, new() { StartTimeout = TimeSpan.FromMinutes(2) });
        var watch = Stopwatch.StartNew();
        await pool.StartAsync();
        Line start = Line.Of(watch.Elapsed.TotalNanoseconds, "ns", "start");
        return [await Task.Factory.StartNew(() => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing)), TaskCreationOptions.LongRunning), start];
    }

    /// <summary>Both workers are kept busy until all calls are queued: then the memory is taken, and the queue emptied.</summary>
    public static async Task<Line[]> QueuedAsync(Settings settings, int calls)
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { QueueCapacity = Math.Max(calls, 2000) });
        await pool.StartAsync();
        for (var warming = Stopwatch.StartNew(); warming.ElapsedMilliseconds < settings.WarmMs;)
            await EmptyAsync(pool, 2000);
        return await EmptyAsync(pool, calls);
    }

    private static async Task<Line[]> EmptyAsync(WorkerPool pool, int calls)
    {
        string gate = Path.Combine(Path.GetTempPath(), $"kernmantle-bench-{Guid.NewGuid():N}");
        try
        {
            Task[] busy = [pool.RunAsync(Functions.WaitForFile, gate), pool.RunAsync(Functions.WaitForFile, gate)];
            var queued = new Task[calls];
            long before = GC.GetTotalMemory(forceFullCollection: true);
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < calls; i++)
                queued[i] = pool.RunAsync(Functions.Nothing);
            TimeSpan queueing = watch.Elapsed;
            long after = GC.GetTotalMemory(forceFullCollection: true);
            watch.Restart();
            await File.WriteAllTextAsync(gate, "");
            await Task.WhenAll(queued);
            TimeSpan emptying = watch.Elapsed;
            await Task.WhenAll(busy);
            return [
                Line.Of((queueing + emptying).TotalNanoseconds / calls, "ns", n: calls),
                Line.Of((double)(after - before) / calls, "B", "memory", calls),
            ];
        }
        finally
        {
            File.Delete(gate);
        }
    }
}
