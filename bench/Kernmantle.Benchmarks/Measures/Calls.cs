using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>A call that does nothing, one at a time.</summary>
internal static class Calls
{
    public static Task<Line[]> RunAsync(Settings settings) =>
        OnAsync(WorkerPool.Processes(1), pool => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing)));

    public static Task<Line[]> RunOnThreadsAsync(Settings settings) =>
        OnAsync(WorkerPool.Threads(1), pool => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing)));

    /// <summary>The worker has fallen asleep, and so has the caller.</summary>
    public static Task<Line[]> RunAfterIdlenessAsync(Settings settings) =>
        OnAsync(WorkerPool.Processes(1), pool => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing), TimeSpan.FromMilliseconds(10)));

    public static Task<Line[]> AwaitedAsync(Settings settings) =>
        OnAsync(WorkerPool.Processes(1), pool => Latency.MeasureAsync(settings, () => pool.RunAsync(Functions.Nothing)).GetAwaiter().GetResult());

    public static Task<Line[]> AwaitedInContextAsync(Settings settings) =>
        OnAsync(WorkerPool.Processes(1), pool => OneThreadContext.Run(() => Latency.MeasureAsync(settings, () => pool.RunAsync(Functions.Nothing))));

    public static Task<Line[]> AwaitedOnThreadsAsync(Settings settings) =>
        OnAsync(WorkerPool.Threads(1), pool => Latency.MeasureAsync(settings, () => pool.RunAsync(Functions.Nothing)).GetAwaiter().GetResult());

    public static async Task<Line[]> OnAsync(WorkerPool pool, Func<WorkerPool, Line> measure)
    {
        await using (pool)
        {
            await pool.StartAsync();
            // Blocks a thread of its own, none of the pool that the measure may need.
            return [await Task.Factory.StartNew(() => measure(pool), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)];
        }
    }
}
