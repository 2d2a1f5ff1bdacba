using System.Diagnostics;
using System.Diagnostics.Metrics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Calls while somebody listens, as cheaply as can be: what is measured is the price of telling.</summary>
internal static class Watched
{
    private static readonly ActivitySource Source = new("Kernmantle.Benchmarks");

    public static async Task<Line[]> RunMeasuredAsync(Settings settings)
    {
        using MeterListener listener = Measure();
        return await Calls.RunAsync(settings);
    }

    public static async Task<Line[]> AwaitedMeasuredAsync(Settings settings)
    {
        using MeterListener listener = Measure();
        return await Calls.AwaitedAsync(settings);
    }

    public static Task<Line[]> RunTracedAsync(Settings settings)
    {
        var listener = new ActivityListener { ShouldListenTo = static _ => true, Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        return Calls.OnAsync(WorkerPool.Processes(1), pool => Latency.OnDedicatedThread(settings, () => pool.Run(static () => Source.StartActivity("inside")?.Dispose())));
    }

    /// <summary>As a page of the dashboard looks: calls are timed, and twice a second a snapshot is taken.</summary>
    public static async Task<Line[]> RunLookedAtAsync(Settings settings)
    {
        await using var page = new Page();
        return await Calls.RunAsync(settings);
    }

    public static async Task<Line[]> AwaitedLookedAtAsync(Settings settings)
    {
        await using var page = new Page();
        return await Calls.AwaitedAsync(settings);
    }

    private static MeterListener Measure()
    {
        var listener = new MeterListener { InstrumentPublished = static (instrument, self) => self.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<double>(static (_, value, _, _) => sum += value);
        listener.Start();
        return listener;
    }

    private static double sum;

    private sealed class Page : IAsyncDisposable
    {
        private readonly Inspector inspector = Inspector.SwitchOn();
        private readonly IDisposable looking;
        private readonly PeriodicTimer tick = new(TimeSpan.FromMilliseconds(500));
        private readonly Task taking;

        public Page()
        {
            looking = inspector.Look();
            taking = TakeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            tick.Dispose();
            await taking;
            looking.Dispose();
            inspector.Dispose();
        }

        private async Task TakeAsync()
        {
            long seen = 0;
            while (await tick.WaitForNextTickAsync())
            {
                ProgramSnapshot snapshot = inspector.Take(seen);
                if (snapshot.Log.Count > 0)
                    seen = snapshot.Log[^1].Number;
            }
        }
    }
}
