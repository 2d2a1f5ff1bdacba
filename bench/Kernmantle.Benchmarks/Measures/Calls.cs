using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>A call that does nothing, one at a time.</summary>
internal static class Calls
{
    public static Task<Line[]> RunAsync(Settings settings) =>
        WithUseAsync(settings, pool => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing)));

    public static Task<Line[]> RunOnThreadsAsync(Settings settings) =>
        OnAsync(WorkerPool.Threads(1), pool => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing)));

    /// <summary>The worker has fallen asleep, and so has the caller.</summary>
    public static Task<Line[]> RunAfterIdlenessAsync(Settings settings) =>
        OnAsync(WorkerPool.Processes(1), pool => Latency.OnDedicatedThread(settings, () => pool.Run(Functions.Nothing), TimeSpan.FromMilliseconds(10)));

    public static Task<Line[]> AwaitedAsync(Settings settings) =>
        WithUseAsync(settings, pool => Latency.MeasureAsync(settings, () => pool.RunAsync(Functions.Nothing)).GetAwaiter().GetResult());

    public static Task<Line[]> AwaitedInContextAsync(Settings settings) =>
        OnAsync(WorkerPool.Processes(1), pool => OneThreadContext.Run(() => Latency.MeasureAsync(settings, () => pool.RunAsync(Functions.Nothing))));

    public static Task<Line[]> AwaitedOnThreadsAsync(Settings settings) =>
        OnAsync(WorkerPool.Threads(1), pool => Latency.MeasureAsync(settings, () => pool.RunAsync(Functions.Nothing)).GetAwaiter().GetResult());

    /// <summary>And what the processors do meanwhile, and in a second without calls after that.</summary>
    private static async Task<Line[]> WithUseAsync(Settings settings, Func<WorkerPool, Line> measure)
    {
        double calling = 0, idle = 0;
        Line[] lines = await OnAsync(WorkerPool.Processes(1), pool =>
        {
            int[] worker = [pool.Run(static () => Environment.ProcessId)];
            Line? line = null;
            calling = ProcessorUse.Share(worker, () => line = measure(pool));
            Thread.Sleep(settings.TimeMs);   // whoever still looks falls asleep, and what was compiled anew is
            idle = ProcessorUse.Share(worker, static () => Thread.Sleep(1000));
            return line!;
        });
        return [.. lines, Line.Of(calling, "×", "cpu"), Line.Of(idle, "×", "idle")];
    }

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
