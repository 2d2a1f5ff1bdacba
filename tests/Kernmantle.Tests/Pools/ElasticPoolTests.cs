using Kernmantle.Contracts;
using Kernmantle.Scheduling;
using Kernmantle.Victim;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.Pools;

/// <summary>The contract holds where every worker ends as soon as it has nothing to do.</summary>
public sealed class ElasticThreadPoolTests : ElasticPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) =>
        WorkerPool.Threads(workers, (settings.MinWorkers is null ? settings with { MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) } : settings).In(new ThreadWorkerPoolOptions()));
}

[SecondStage]
public sealed class ElasticProcessPoolTests() : ProcessPoolContract(WorkerTransport.SharedMemory)
{
    protected override WorkerPool Create(int workers, Settings settings) =>
        base.Create(workers, settings.MinWorkers is null ? settings with { MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) } : settings);
}

/// <summary>Numbers of workers that follow the calls, beside what else pools do with workers.</summary>
public sealed class ElasticPoolTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private static volatile bool startsFail;

    [Fact]
    public async Task A_map_of_tiny_items_and_many_callers_of_tiny_calls_get_all_workers()
    {
        await using WorkerPool pool = WorkerPool.Processes(3, new() { MinWorkers = 1, IdleTimeout = TimeSpan.FromSeconds(1) });
        await pool.StartAsync().WaitAsync(Deadline);
        using var end = new CancellationTokenSource(Deadline);
        int most = 1;
        await foreach (MapResult<int, int> item in pool.MapAsync(static n => n + 1, Endless(), cancellationToken: end.Token))
        {
            most = Math.Max(most, pool.Statistics.Workers);
            if (most == 3)
                break;
        }
        Assert.Equal(3, most);
        await UntilAsync(() => pool.Statistics.Workers == 1);

        // Each of them waits for less than a millisecond, behind others in a busy worker: it is their number that counts.
        Task[] callers = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (pool.Statistics.Workers < 3 && !end.IsCancellationRequested)
                await pool.RunAsync(static n => n + 1, 1);
        }))];
        await Task.WhenAll(callers).WaitAsync(Deadline);
        Assert.False(end.IsCancellationRequested);
    }

    [Fact]
    public async Task A_spare_is_the_worker_more_at_once()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { MinWorkers = 0, Spares = 1 });
        await pool.StartAsync().WaitAsync(Deadline);
        await UntilAsync(() => pool.Statistics.Spares == 1);
        Task<string> first = pool.RunAsync(static () => WorkerContext.Current!.Name);
        Assert.Equal(1, pool.Statistics.Workers);   // it was ready before the call
        Assert.Equal("pool-3", await first.WaitAsync(Deadline));
        await UntilAsync(() => pool.Statistics.Spares == 1);
        Assert.Equal((1, 0L), (pool.Statistics.Workers, pool.Statistics.Replaced));
    }

    [Fact]
    public async Task A_worker_that_dies_is_replaced_as_in_any_pool_and_the_one_in_its_place_is_ended_when_it_is_idle()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = WorkerPool.Processes(2, new() { MinWorkers = 0, IdleTimeout = Idle, TimeProvider = clock });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
        await UntilAsync(() => pool.Statistics.Workers == 1);
        Assert.Equal((1L, PoolState.Running), (pool.Statistics.Replaced, pool.State));
        await PassingAsync(clock, Idle / 10, () => pool.Statistics.Workers == 0);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_pool_without_workers_that_breaks_fails_its_calls_and_heals()
    {
        var clock = new FakeTimeProvider();
        startsFail = true;
        await using WorkerPool pool = WorkerPool.Threads(2, new()
        {
            MinWorkers = 0,
            IdleTimeout = Idle,
            QueueCapacity = 1,
            OnWorkerStart = FailWhileTold,
            TimeProvider = clock,
            HealAfter = TimeSpan.FromSeconds(10),
        });
        await pool.StartAsync().WaitAsync(Deadline);
        Task<int> first = pool.RunAsync(static () => 1);
        Task room = pool.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        await PassingAsync(clock, TimeSpan.FromMilliseconds(10), () => pool.State == PoolState.Broken);   // the back-off between starts
        await Assert.ThrowsAsync<PoolBrokenException>(() => first.WaitAsync(Deadline));
        await Assert.ThrowsAsync<PoolBrokenException>(() => room.WaitAsync(Deadline));
        await Assert.ThrowsAsync<PoolBrokenException>(() => pool.WaitForRoomAsync().WaitAsync(Deadline));
        startsFail = false;
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync());
        clock.Advance(broken.RetryAfter!.Value);
        await UntilAsync(() => pool.State == PoolState.Running);
        Assert.Equal(2, await pool.RunAsync(static () => 2).WaitAsync(Deadline));
        await PassingAsync(clock, Idle / 10, () => pool.Statistics.Workers == 0);
        Assert.Equal(3, await pool.RunAsync(static () => 3).WaitAsync(Deadline));
        Assert.Null(pool.Scheduler.FindViolation());
    }

    [Fact]
    public async Task A_worker_that_is_recycled_for_its_age_has_still_been_idle_as_long_as_it_has()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { MinWorkers = 0, IdleTimeout = 10 * Idle, Recycling = new() { Age = Idle }, TimeProvider = clock });
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        await UntilAsync(() => pool.Statistics.Running == 0);
        DateTimeOffset idle = clock.GetUtcNow();
        await UntilAsync(() =>
        {
            if (pool.State == PoolState.Degraded)
                return false;   // a replacement starts, and no time passes meanwhile
            if (pool.Statistics.Workers == 0)
                return true;
            clock.Advance(TimeSpan.FromSeconds(20));
            return false;
        });
        Assert.InRange(clock.GetUtcNow() - idle, 10 * Idle, 11 * Idle);
        Assert.InRange(pool.Statistics.Recycled, 5, 10);
    }

    [Fact]
    public void Places_that_have_no_workers_to_start_and_end_say_so()
    {
        ArgumentException loop = Assert.Throws<ArgumentException>(static () => WorkerPool.EventLoop(new() { MinWorkers = 0 }));
        ArgumentException inline = Assert.Throws<ArgumentException>(static () => WorkerPool.Inline(false, new() { MinWorkers = 1 }));
        Assert.All([loop, inline], static e => Assert.Contains("Leave MinWorkers out", e.Message, StringComparison.Ordinal));
    }

    private static void FailWhileTold()
    {
        if (startsFail)
            throw new FormatException("told to");
    }

    private static IEnumerable<int> Endless()
    {
        for (int i = 0; ; i++)
            yield return i;
    }

    private static Task PassingAsync(FakeTimeProvider clock, TimeSpan step, Func<bool> condition) => UntilAsync(() =>
    {
        if (condition())
            return true;
        clock.Advance(step);
        return false;
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await tick.WaitForNextTickAsync(deadline.Token);
    }
}
