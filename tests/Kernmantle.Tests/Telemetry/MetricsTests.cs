using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Kernmantle.Telemetry;

namespace Kernmantle.Tests.Telemetry;

/// <summary>What is measured of pools, and under which names.</summary>
public sealed class MetricsTests
{
    private const string Duration = "rpc.client.call.duration";

    public enum Place
    {
        Processes,
        Sockets,
        Threads,
        Inline,
    }

    private static WorkerPool Make(Place place, IMeterFactory meters, int workers = 1, int capacity = 4096) => place switch
    {
        Place.Threads => WorkerPool.Threads(workers, new() { Name = "metered", MeterFactory = meters, QueueCapacity = capacity }),
        Place.Inline => WorkerPool.Inline(options: new() { Name = "metered", MeterFactory = meters }),
        _ => WorkerPool.Processes(workers, new()
        {
            Name = "metered",
            MeterFactory = meters,
            QueueCapacity = capacity,
            Transport = place == Place.Sockets ? WorkerTransport.Socket : WorkerTransport.SharedMemory,
        }),
    };

    [Theory]
    [InlineData(Place.Processes, "processes")]
    [InlineData(Place.Sockets, "processes")]
    [InlineData(Place.Threads, "threads")]
    [InlineData(Place.Inline, "inline")]
    public async Task A_call_is_measured_by_the_conventions_names(Place place, string label)
    {
        using var meters = new MeterReader();
        await using WorkerPool pool = Make(place, meters);
        CallInvoker named = pool.With(new() { Name = "work" });
        for (int i = 0; i < 3; i++)
            Assert.Equal(i + 1, await named.RunAsync(static n => n + 1, i, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<RemoteException>(() => named.RunAsync(static () => throw new InvalidDataException("bad"), TestContext.Current.CancellationToken));
        ILookup<string, Measured> all = await meters.CollectUntilAsync(static m => m[Duration].Count() == 4);
        Assert.All(all[Duration], m =>
        {
            Assert.Equal(("kernmantle", "work", "metered", label), (m.Tag("rpc.system.name"), m.Tag("rpc.method"), m.Tag("kernmantle.pool"), m.Tag("kernmantle.place")));
            Assert.InRange(m.Value, 1e-9, 120);
        });
        Assert.Equal(3, all[Duration].Count(static m => m.Tag("kernmantle.outcome") == "completed" && m.Tag("error.type") is null));
        Assert.Single(all[Duration], static m => m.Tag("kernmantle.outcome") == "failed" && m.Tag("error.type") == "System.IO.InvalidDataException");
        Assert.Equal(3, all["kernmantle.calls"].Last(static m => m.Tag("kernmantle.outcome") == "completed").Value);
        Assert.Equal(1, all["kernmantle.calls"].Last(static m => m.Tag("kernmantle.outcome") == "failed").Value);
        Assert.Equal(label == "processes", all["kernmantle.call.sent"].Sum(static m => m.Value) >= 3 * sizeof(int));
    }

    [Fact]
    public async Task A_wait_is_measured_and_so_is_the_queue()
    {
        using var meters = new MeterReader();
        using var gate = new SemaphoreSlim(0);
        await using WorkerPool pool = Make(Place.Threads, meters, capacity: 2);
        await pool.StartAsync(TestContext.Current.CancellationToken);
        Task[] calls = [.. Enumerable.Range(0, 5).Select(_ => pool.RunAsync(() => gate.Wait(), TestContext.Current.CancellationToken))];   // one runs, two are in the queue, two wait for room there
        ILookup<string, Measured> busy = await meters.CollectUntilAsync(static m => m["kernmantle.workers"].Any(static w => w.Tag("kernmantle.state") == "busy" && w.Value == 1));
        Assert.Equal(4, Assert.Single(busy["kernmantle.queue.length"]).Value);
        gate.Release(calls.Length);
        await Task.WhenAll(calls);
        ILookup<string, Measured> all = await meters.CollectUntilAsync(static m => m[Duration].Count() == 5 && m["kernmantle.workers"].Any(static w => w.Tag("kernmantle.state") == "idle" && w.Value == 1));
        Assert.Equal(4, all["kernmantle.queue.wait"].Count());
        Assert.All(all["kernmantle.queue.wait"], static m => Assert.InRange(m.Value, 1e-9, 120));
        Assert.Equal(0, Assert.Single(all["kernmantle.queue.length"]).Value);
    }

    [Fact]
    public async Task A_call_that_waited_for_room_and_was_cancelled_is_measured()
    {
        using var meters = new MeterReader();
        using var gate = new SemaphoreSlim(0);
        await using WorkerPool pool = Make(Place.Threads, meters, capacity: 1);
        await pool.StartAsync(TestContext.Current.CancellationToken);
        Task[] first = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => gate.Wait(), TestContext.Current.CancellationToken))];
        using var cancel = new CancellationTokenSource();
        Task waiting = pool.With(new() { Name = "waits" }).RunAsync(static () => { }, cancel.Token);
        Assert.Equal(1, pool.Statistics.Waiting);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Release(2);
        await Task.WhenAll(first);
        ILookup<string, Measured> all = await meters.CollectUntilAsync(static m => m[Duration].Count() == 3);
        Measured cancelled = Assert.Single(all[Duration], static m => m.Tag("rpc.method") == "waits");
        Assert.Equal(("cancelled", "cancelled"), (cancelled.Tag("kernmantle.outcome"), cancelled.Tag("error.type")));
    }

    [Fact]
    public async Task Lives_and_deaths_of_workers_are_counted()
    {
        using var meters = new MeterReader();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "mortal", MeterFactory = meters });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static () => Environment.Exit(3), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(1) }).RunAsync(static () => Thread.Sleep(Timeout.Infinite), TestContext.Current.CancellationToken));
        var twice = new RetryPolicy { MaxAttempts = 2, On = FailureKinds.Exception };
        Assert.Equal(2, await pool.With(new() { Retry = twice }).RunAsync(static () => WorkerContext.Current!.Attempt == 1 ? throw new InvalidOperationException() : WorkerContext.Current.Attempt, TestContext.Current.CancellationToken));
        ILookup<string, Measured> all = await meters.CollectUntilAsync(static m => m[Duration].Count() == 3 && m["process.memory.usage"].Any());
        Assert.Equal(("Exited", 1), (Assert.Single(all["kernmantle.worker.deaths"]).Tag("kernmantle.reason"), Assert.Single(all["kernmantle.worker.deaths"]).Value));
        Assert.Equal(("Timeout", 1), (Assert.Single(all["kernmantle.worker.kills"]).Tag("kernmantle.reason"), Assert.Single(all["kernmantle.worker.kills"]).Value));
        Assert.Equal(("replaced", 2), (Assert.Single(all["kernmantle.worker.restarts"]).Tag("kernmantle.reason"), Assert.Single(all["kernmantle.worker.restarts"]).Value));
        Assert.Equal(1, Assert.Single(all["kernmantle.call.retries"]).Value);
        Assert.Equal("mortal-1", Assert.Single(all["process.cpu.time"]).Tag("kernmantle.worker"));
        Assert.InRange(Assert.Single(all["process.cpu.time"]).Value, 0.001, 60);
        Assert.InRange(Assert.Single(all["process.memory.usage"]).Value, 1 << 20, 1 << 30);
        Assert.InRange(Assert.Single(all["kernmantle.shared_memory.usage"], static m => m.Tag("kernmantle.pool") == "mortal").Value, 1 << 10, 1 << 30);
        Assert.Single(all["kernmantle.shared_memory.usage"], static m => m.Tag("kernmantle.pool") is null);
        await pool.DisposeAsync();
        Assert.Equal(2, meters.Collect()["kernmantle.calls"].Single(static m => m.Tag("kernmantle.outcome") == "failed").Value);   // what a pool has counted stays
    }

    [Fact]
    public async Task Items_of_maps_are_counted_and_not_timed()
    {
        using var meters = new MeterReader();
        await using WorkerPool pool = Make(Place.Processes, meters);
        Assert.Equal(4950, (await pool.MapToArrayAsync(static n => n, [.. Enumerable.Range(0, 100)], cancellationToken: TestContext.Current.CancellationToken)).Sum());
        ILookup<string, Measured> all = await meters.CollectUntilAsync(static m => m["kernmantle.calls"].Any(static c => c.Tag("kernmantle.outcome") == "completed" && c.Value == 100));
        Assert.Empty(all[Duration]);
    }

    [Fact]
    public async Task Names_without_end_share_a_series()
    {
        const int Names = PoolSeries.MostFunctions + 50;
        using var meters = new MeterReader();
        await using WorkerPool pool = Make(Place.Threads, meters);
        for (int i = 0; i < Names; i++)
            await pool.With(new() { Name = $"file {i}" }).RunAsync(static () => { }, TestContext.Current.CancellationToken);
        ILookup<string, Measured> all = await meters.CollectUntilAsync(static m => m[Duration].Count() == Names);
        Assert.Equal(PoolSeries.MostFunctions + 1, all[Duration].Select(static m => m.Tag("rpc.method")).Distinct().Count());
        Assert.Equal(50, all[Duration].Count(static m => m.Tag("rpc.method") == "_OTHER"));
    }

    [Fact]
    public void So_do_pools_errors_and_reasons()
    {
        using var meters = new MeterReader();
        Instruments instruments = Instruments.Of(meters);
        Assert.Equal(Instruments.MostPools + 1, Enumerable.Range(0, Instruments.MostPools + 20).Select(i => instruments.Of($"pool {i}", "threads")).Distinct().Count());
        PoolSeries series = instruments.Of("pool 0", "threads");
        Assert.Equal(PoolSeries.MostErrors + 1, Enumerable.Range(0, PoolSeries.MostErrors + 20).Select(i => series.Of("f", "failed", $"Error{i}")).Distinct().Count());
        for (int i = 0; i < PoolSeries.MostErrors + 20; i++)
            series.Deaths.Count($"reason {i}");
        Assert.Equal(PoolSeries.MostErrors + 1, series.Deaths.Counts.Count());
        Assert.Equal(20, series.Deaths.Counts.Single(static c => c.Key == "_OTHER").Value);
    }

    [Fact]
    public async Task A_pool_that_was_forgotten_is_not_kept_by_its_metrics()
    {
        using var meters = new MeterReader();
        WeakReference forgotten = Forget(meters);
        for (int i = 0; i < 100 && forgotten.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }
        Assert.False(forgotten.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Forget(MeterReader meters) => new(Make(Place.Inline, meters));
    }
}
