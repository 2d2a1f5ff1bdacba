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

    /// <summary>All have room in the queue. Both workers are kept busy until all calls are queued: then the memory is taken, and the queue emptied.</summary>
    public static Task<Line[]> QueuedAsync(Settings settings, int calls) => QueuedAsync(settings, calls, new() { QueueCapacity = Math.Max(calls, 2000) });

    /// <summary>As programs have it that set no capacity: those beyond it wait for room.</summary>
    public static Task<Line[]> WaitingAsync(Settings settings, int calls) => QueuedAsync(settings, calls, new());

    private static async Task<Line[]> QueuedAsync(Settings settings, int calls, ProcessPoolOptions options)
    {
        await using WorkerPool pool = WorkerPool.Processes(2, options);
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
            double task = BytesOfTask();
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
                Line.Of(((double)(after - before) / calls) - task, "B", "memory", calls),
            ];
        }
        finally
        {
            File.Delete(gate);
        }
    }

    /// <summary>What the caller's own task takes, whoever completes it.</summary>
    private static double BytesOfTask()
    {
        var tasks = new Task[1000];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < tasks.Length; i++)
            tasks[i] = new TaskCompletionSource<int>().Task;
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(tasks);
        return (double)(after - before) / tasks.Length;
    }
}
