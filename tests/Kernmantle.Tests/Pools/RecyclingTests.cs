using Kernmantle.Victim;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.Pools;

/// <summary>Workers that are well and are replaced nevertheless.</summary>
public sealed class RecyclingTests
{
    private const long MiB = 1 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>A call with a timeout goes the common way, one without the quick way.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_so_many_calls_the_worker_is_another_one(bool quick)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Recycling = new() { Calls = 3 } });
        CallInvoker calls = quick ? pool : pool.With(new() { Timeout = Deadline });
        var ids = new List<int>();
        for (int i = 0; i < 10; i++)
            ids.Add(await calls.RunAsync(Id).WaitAsync(Deadline));
        Assert.Equal([3, 3, 3, 1], ids.GroupBy(static id => id).Select(static g => g.Count()));
        Assert.Equal((3, 0), (pool.Statistics.Recycled, pool.Statistics.Replaced));
    }

    [Fact]
    [Repeated]
    public async Task Many_calls_at_once_are_all_answered_while_their_workers_are_replaced()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Spares = 1, Recycling = new() { Calls = 100 } });
        int calls = Repetitions.Of(quick: 300, atLength: 5000);
        int[] results = await Task.WhenAll(Enumerable.Range(0, calls).Select(i => pool.RunAsync(static n => n + 1, i))).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(1, calls), results);
        long sum = 0;
        await foreach (MapResult<int, int> n in pool.MapAsync(static n => n * 2, Enumerable.Range(0, 4 * calls)))
            sum += n.Value;
        Assert.Equal(4L * calls * ((4 * calls) - 1), sum);
        Assert.True(pool.Statistics.Recycled > 1, $"{pool.Statistics}");
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_worker_that_grows_is_replaced_and_one_that_does_not_stays()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Recycling = new() { MemoryGrowthBytes = 96 * MiB } });
        int first = await pool.RunAsync(Id);
        for (int i = 0; i < 20; i++)
            Assert.Equal(first, await pool.RunAsync(Id));
        for (int i = 0; i < 3 && pool.Statistics.Recycled == 0; i++)
            await pool.RunAsync(Leak, 64 * MiB);
        // The looks are some milliseconds apart.
        while (pool.Statistics.Recycled == 0)
            await pool.RunAsync(Id).WaitAsync(Deadline);
        Assert.NotEqual(first, await pool.RunAsync(Id).WaitAsync(Deadline));
    }

    [Fact]
    public async Task An_idle_worker_grows_old()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Spares = 1, Recycling = new() { Age = TimeSpan.FromMinutes(1) }, TimeProvider = clock });
        int first = await pool.RunAsync(Id).WaitAsync(Deadline);
        await UntilAsync(() => pool.Statistics.Spares == 1);
        clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(first, await pool.RunAsync(Id).WaitAsync(Deadline));
        clock.Advance(TimeSpan.FromSeconds(20));
        await UntilAsync(() => pool.Statistics.Recycled == 1);
        Assert.NotEqual(first, await pool.RunAsync(Id).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_worker_with_objects_stays_until_they_are_disposed_of()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Recycling = new() { Calls = 2 } });
        Remote<Counter> counter = await pool.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        for (int i = 1; i <= 10; i++)
            Assert.Equal(i, await counter.CallAsync(static c => ++c.Count).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Recycled);
        await counter.DisposeAsync();
        await UntilAsync(() => pool.Statistics.Recycled == 1);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerPool.Processes(1, new() { Recycling = new() { Calls = 0 } }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerPool.Processes(1, new() { Recycling = new() { Age = TimeSpan.FromMilliseconds(1) } }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerPool.Processes(1, new() { Recycling = new() { MemoryGrowthBytes = -1 } }));
    }

    private sealed class Counter
    {
        public int Count { get; set; }
    }

    private static int Id() => Environment.ProcessId;

    private static long Leak(long bytes) => Misdeeds.FillNativeMemory(bytes);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await tick.WaitForNextTickAsync(deadline.Token);
    }
}
