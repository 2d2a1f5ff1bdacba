using System.Diagnostics;
using Kernmantle.Tests.Logging;
using Kernmantle.Tests.Pools;

namespace Kernmantle.Tests.Telemetry;

/// <summary>Whoever listens may throw, or never return: calls go on, all of them, and are told of as far as there is room. Alone, since what blocks here holds up the spans of the whole process.</summary>
[Collection(typeof(Alone))]
public sealed class HostileListenerTests
{
    private const int Calls = 40_000;   // more than may wait to be recorded

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metrics_that_throw_or_block_lose_no_call(bool throws)
    {
        using var gate = new ManualResetEventSlim();
        using var log = new ListFactory();
        using var meters = new MeterReader { OnMeasurement = throws ? static () => throw new NotSupportedException("full") : gate.Wait };
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "hostile-meter", MeterFactory = meters, LoggerFactory = log });
        for (int i = 0; i < Calls; i++)
            Assert.Equal(i + 1, pool.Run(static n => n + 1, i, TestContext.Current.CancellationToken));
        Assert.Equal(Calls, pool.Statistics.Completed);
        gate.Set();
        await pool.DisposeAsync();
        Assert.Equal(throws ? 1 : 0, log.Entries.Count(static e => e.EventId.Id == 1330));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Traces_that_throw_or_block_lose_no_call(bool throws)
    {
        using var gate = new ManualResetEventSlim();
        using var log = new ListFactory();
        using var spans = new SpanReader(static () => { });
        spans.OnStopped = span =>
        {
            if (span.Source.Name != KernmantleTelemetry.Name)
                return;
            if (throws)
                throw new NotSupportedException("full");
            gate.Wait();
        };
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "hostile-trace", LoggerFactory = log });
        using (spans.Root())
        {
            for (int i = 0; i < Calls / 2; i++)   // more than may wait
                Assert.Equal(i + 1, await pool.RunAsync(static n => n + 1, i, TestContext.Current.CancellationToken));
        }
        Assert.Equal(Calls / 2, pool.Statistics.Completed);
        gate.Set();
        await pool.DisposeAsync();
        Assert.Equal(throws ? 1 : 0, log.Entries.Count(static e => e.EventId.Id == 1330));
    }

    [Fact]
    public async Task A_sampler_that_throws_loses_no_call()
    {
        using var log = new ListFactory();
        using var spans = new SpanReader(static () => throw new NotSupportedException("no"));
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = "hostile-sampler", LoggerFactory = log });
        using (spans.Root())
        {
            Activity? before = Activity.Current;
            Assert.Equal(3, await pool.RunAsync(static n => n + 1, 2, TestContext.Current.CancellationToken));
            Assert.Same(before, Activity.Current);
        }
        await pool.DisposeAsync();
        Assert.Single(log.Entries, static e => e.EventId.Id == 1330);
    }

    [Fact]
    public async Task A_call_that_is_measured_allocates_nothing()
    {
        using var meters = new MeterReader(static name => name == "rpc.client.call.duration");
        await using WorkerPool pool = WorkerPool.Processes(1, new() { MeterFactory = meters });
        Measure(pool, 2000);
        Assert.Equal(0, Enumerable.Range(0, 20).Min(_ => Measure(pool, 1000)));
        Assert.True(meters.Collect().Contains("rpc.client.call.duration"));

        static long Measure(WorkerPool pool, int calls)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < calls; i++)
                pool.Run(static (int a, int b) => a + b, 1, 2);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
