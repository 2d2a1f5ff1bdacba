using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Calls as programs make them: awaited, and with something that the cheapest call does not carry.</summary>
internal static class UserCalls
{
    /// <summary>Never reached: what is measured is what a timeout costs that does not fire.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    /// <summary>As a request's: the source lives through many calls and is never cancelled.</summary>
    public static Task<Line[]> AwaitedAsync(Settings settings, bool timeout, bool token)
    {
        var source = new CancellationTokenSource();
        CancellationToken cancellation = token ? source.Token : CancellationToken.None;
        return MeasureAsync(settings, pool => timeout ? pool.With(new() { Timeout = Long }) : pool, calls => calls.RunAsync(Functions.Nothing, cancellation));
    }

    public static Task<Line[]> KeyedAsync(Settings settings) => AwaitedAsync(settings, new() { Key = "one" });

    /// <summary>A limit that is watched, and that the call does not come near.</summary>
    public static Task<Line[]> LimitedAsync(Settings settings) => AwaitedAsync(settings, new() { Limits = new() { CpuTime = Long } });

    public static Task<Line[]> YieldingAsync(Settings settings) =>
        MeasureAsync(settings, static pool => pool, static calls => calls.RunAsync(Functions.YieldAsync));

    public static async Task<Line[]> RemoteAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await using Remote<Counter> counter = await pool.CreateAsync(static () => new Counter());
        int expected = 0;
        return [await Latency.MeasureAsync(settings, async () => Functions.Check(await counter.CallAsync(static counter => counter.Increment()), ++expected))];
    }

    /// <summary>The same within this process: a token that keeps the work from starting, and one that ends the wait.</summary>
    public static async Task<Line[]> TaskAsync(Settings settings)
    {
        using var source = new CancellationTokenSource();
        CancellationToken token = source.Token;
        return [await Latency.MeasureAsync(settings, () => Task.Run(Functions.Nothing, token).WaitAsync(Long, token))];
    }

    private static Task<Line[]> AwaitedAsync(Settings settings, CallOptions options) =>
        MeasureAsync(settings, pool => pool.With(options), static calls => calls.RunAsync(Functions.Nothing));

    private static Task<Line[]> MeasureAsync(Settings settings, Func<WorkerPool, CallInvoker> with, Func<CallInvoker, Task> call) =>
        Calls.OnAsync(WorkerPool.Processes(1), pool =>
        {
            CallInvoker calls = with(pool);
            return Latency.MeasureAsync(settings, () => call(calls)).GetAwaiter().GetResult();
        });

    private sealed class Counter
    {
        private int count;

        public int Increment() => ++count;
    }
}
