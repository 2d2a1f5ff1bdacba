using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>From nothing to the first result. The end is not part of it.</summary>
internal static class ColdStarts
{
    public static Task<Line[]> ProcessPoolAsync(Settings settings) => PoolAsync(settings, static () => WorkerPool.Processes(1));

    /// <summary>A pool whose worker another one has as a spare. That it has one again is not part of it.</summary>
    public static async Task<Line[]> SecondPoolAsync(Settings settings)
    {
        await using WorkerPool reserve = WorkerPool.Processes(1, new() { MinWorkers = 0, Spares = 1 });
        await reserve.StartAsync();
        await FilledAsync();
        return await RepeatAsync(settings, async () =>
        {
            WorkerPool pool = WorkerPool.Processes(1, new() { SparesOf = reserve });
            Functions.Check(await pool.RunAsync(Functions.Increment, 41), 42);
            return async () =>
            {
                await pool.DisposeAsync();
                await FilledAsync();
            };
        });

        async Task FilledAsync()
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (reserve.Statistics.Spares == 0)
                await tick.WaitForNextTickAsync();
        }
    }

    public static Task<Line[]> ThreadPoolAsync(Settings settings) => PoolAsync(settings, static () => WorkerPool.Threads(1));

    public static Task<Line[]> ProcessWorkerAsync(Settings settings) => WorkerAsync(settings, static () => Worker.OnProcess("one", Functions.Increment, 41));

    public static Task<Line[]> ThreadWorkerAsync(Settings settings) => WorkerAsync(settings, static () => Worker.OnThread("one", Functions.Increment, 41));

    public static Task<Line[]> PlainThreadAsync(Settings settings) => RepeatAsync(settings, static () =>
    {
        int result = 0;
        var thread = new Thread(() => result = Functions.Increment(41));
        thread.Start();
        thread.Join();
        Functions.Check(result, 42);
        return Task.FromResult<Func<ValueTask>?>(null);
    });

    public static Task<Line[]> TaskRunAsync(Settings settings) => RepeatAsync(settings, static async () =>
    {
        Functions.Check(await Task.Run(static () => Functions.Increment(41)), 42);
        return null;
    });

    private static Task<Line[]> PoolAsync(Settings settings, Func<WorkerPool> create) => RepeatAsync(settings, async () =>
    {
        WorkerPool pool = create();
        Functions.Check(await pool.RunAsync(Functions.Increment, 41), 42);
        return pool.DisposeAsync;
    });

    private static Task<Line[]> WorkerAsync(Settings settings, Func<Worker<int>> create) => RepeatAsync(settings, () =>
    {
        Worker<int> worker = create();
        worker.Start();
        Functions.Check(worker.Result, 42);
        return Task.FromResult<Func<ValueTask>?>(null);
    });

    private static async Task<Line[]> RepeatAsync(Settings settings, Func<Task<Func<ValueTask>?>> start)
    {
        var samples = new long[settings.Count];
        for (int i = -1; i < samples.Length; i++)
        {
            // The first one compiles our own code and does not count.
            var watch = Stopwatch.StartNew();
            Func<ValueTask>? end = await start();
            if (i >= 0)
                samples[i] = (long)watch.Elapsed.TotalNanoseconds;
            if (end is not null)
                await end();
        }
        return [Line.Of(samples)];
    }
}
