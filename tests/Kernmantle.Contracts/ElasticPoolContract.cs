using System.Diagnostics;
using Kernmantle.Contracts.Repeating;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Contracts;

/// <summary>What a pool promises beside whose number of workers may change: every kind that has more than one.</summary>
public abstract class ElasticPoolContract : QueueingPoolContract
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Workers_are_started_for_calls_that_wait_and_ended_when_they_have_had_none_for_long_enough()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = Create(3, new() { MinWorkers = 1, IdleTimeout = Idle, TimeProvider = clock });
        await pool.StartAsync().WaitAsync(Deadline);
        Assert.Equal((1, 3, PoolState.Running), (pool.Statistics.Workers, pool.WorkerCount, pool.State));

        using FileGate gate = new();
        Task[] calls = await OccupyAsync(pool, gate, 3, clock);
        Assert.Equal((3, 3, PoolState.Running), (pool.Statistics.Workers, pool.Statistics.Running, pool.State));
        gate.Open();
        await Task.WhenAll(calls).WaitAsync(Deadline);
        await Until(() => pool.Statistics.Running == 0, "the calls have left their workers");

        clock.Advance(Idle - TimeSpan.FromSeconds(1));
        Assert.Equal(3, pool.Statistics.Workers);
        await Passing(clock, TimeSpan.FromMilliseconds(100), () => pool.Statistics.Workers == 1, "the idle ones have ended");
        clock.Advance(10 * Idle);
        Assert.Equal((1, PoolState.Running, 0L), (pool.Statistics.Workers, pool.State, pool.Statistics.Replaced));
        Assert.Equal(2, await pool.RunAsync(static n => n + 1, 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_pool_that_needs_no_worker_has_none_and_the_first_call_starts_one()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = Create(2, new() { MinWorkers = 0, IdleTimeout = Idle, TimeProvider = clock });
        await pool.StartAsync().WaitAsync(Deadline);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal((0, PoolState.Running), (pool.Statistics.Workers, pool.State));
            Assert.Equal(round, await pool.RunAsync(static n => n, round).WaitAsync(Deadline));
            await Until(() => pool.Statistics is { Workers: 1, Running: 0 }, "the one worker has nothing to do");
            await Passing(clock, Idle / 10, () => pool.Statistics.Workers == 0, "it has ended");
        }
    }

    [Fact]
    public async Task Calls_that_are_over_before_a_worker_could_have_started_start_none()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = Create(4, new() { MinWorkers = 1, TimeProvider = clock });
        await pool.StartAsync().WaitAsync(Deadline);
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task<int>[] waiting = [.. Enumerable.Range(0, 100).Select(i => pool.RunAsync(static n => n, i))];
        clock.Advance(TimeSpan.FromMilliseconds(1));   // at the first look all of them wait
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(waiting).WaitAsync(Deadline));
        for (int i = 0; i < 100; i++)
            clock.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(1, pool.Statistics.Workers);
        Assert.Equal(PoolState.Running, pool.State);
    }

    [Fact]
    public async Task A_worker_with_an_object_is_not_ended_and_one_whose_object_is_gone_is()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = Create(3, new() { MinWorkers = 0, IdleTimeout = Idle, TimeProvider = clock });
        Remote<Tally> first = await pool.CreateAsync(static () => new Tally()).WaitAsync(Deadline);
        Remote<Tally> second = await pool.CreateAsync(static () => new Tally()).WaitAsync(Deadline);
        Assert.Equal(2, pool.Statistics.Workers);   // each has its own, as in a pool of a fixed size
        for (int i = 1; i <= 5; i++)
        {
            clock.Advance(2 * Idle);
            Assert.Equal((i, i), (await first.CallAsync(static t => ++t.Count).WaitAsync(Deadline), await second.CallAsync(static t => ++t.Count).WaitAsync(Deadline)));
        }
        await first.DisposeAsync();
        await Passing(clock, Idle / 10, () => pool.Statistics.Workers == 1, "the worker without an object has ended");
        Assert.True(second.IsAlive);
        Assert.Equal(6, await second.CallAsync(static t => ++t.Count).WaitAsync(Deadline));
        await second.DisposeAsync();
        await Passing(clock, Idle / 10, () => pool.Statistics.Workers == 0, "the other one has ended too");
    }

    [Fact]
    [Repeated]
    public async Task Calls_of_one_key_run_in_order_and_one_at_a_time_while_workers_come_and_go()
    {
        await using WorkerPool pool = Create(3, new() { MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) });
        int rounds = Repetitions.Of(quick: 10, atLength: 50);
        var ends = new long[4];
        for (int round = 0; round < rounds; round++)
        {
            (int Key, Task<Span> Task)[] calls = [.. Enumerable.Range(0, 20).Select(i => (i % 4, pool.With(new() { Key = i % 4 }).RunAsync(Timed)))];
            foreach ((int key, Task<Span> task) in calls)
            {
                Span span = await task.WaitAsync(Deadline);
                Assert.True(span.From >= ends[key], $"In round {round}, a call of key {key} began before the one before it had ended.");
                ends[key] = span.To;
            }
            if (round % 2 == 0)
                await Until(() => pool.Statistics.Workers == 0, "all workers have ended");
        }
        Assert.Equal(rounds * 20, pool.Statistics.Completed);
    }

    [Fact]
    public async Task Disposal_and_an_immediate_end_meet_workers_that_start_and_that_end()
    {
        for (int round = 0; round < 6; round++)
        {
            WorkerPool pool = Create(3, new() { MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) });
            Task<int>[] calls = [.. Enumerable.Range(0, 20).Select(i => pool.With(new() { Key = i % 3 == 0 ? i : null }).RunAsync(static n => n, i))];
            if (round >= 2)
                await Task.WhenAny(calls).WaitAsync(Deadline);
            if (round >= 4)
                await Task.WhenAll(calls).WaitAsync(Deadline);   // the workers end by themselves
            if (round % 2 == 0)
            {
                await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
                Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(calls));
            }
            else
            {
                await pool.KillAsync().WaitAsync(Deadline);
                foreach (Task<int> call in calls)
                    Assert.True(call.IsCompletedSuccessfully || call.Exception?.InnerException is ObjectDisposedException, $"{call.Status}");
            }
            Assert.Equal((0, 0, PoolState.Disposed), (pool.Statistics.Queued, pool.Statistics.Running, pool.State));
        }
    }

    [Fact]
    public void Numbers_and_times_that_cannot_be_are_refused_with_what_to_do()
    {
        Assert.Contains("2 workers", Assert.Throws<ArgumentOutOfRangeException>(() => Create(2, new() { MinWorkers = 3 })).Message, StringComparison.Ordinal);
        Assert.Equal(nameof(WorkerPoolOptions.MinWorkers), Assert.Throws<ArgumentOutOfRangeException>(() => Create(2, new() { MinWorkers = -1 })).ParamName);
        Assert.Equal(nameof(WorkerPoolOptions.IdleTimeout), Assert.Throws<ArgumentOutOfRangeException>(() => Create(2, new() { MinWorkers = 1, IdleTimeout = TimeSpan.Zero })).ParamName);
    }

    /// <summary>Has so many calls reach the gate at once, each in a worker of its own.</summary>
    private static async Task<Task[]> OccupyAsync(WorkerPool pool, FileGate gate, int count, FakeTimeProvider clock)
    {
        FileGate[] reached = [.. Enumerable.Range(0, count).Select(static _ => new FileGate())];
        Task[] calls = [.. reached.Select(r => pool.RunAsync(FileGate.ReachAsync, r.Path, gate.Path))];
        await Passing(clock, TimeSpan.FromMilliseconds(5), () => reached.All(static r => File.Exists(r.Path)), $"{count} calls run at once");
        foreach (FileGate each in reached)
            each.Dispose();
        return calls;
    }

    /// <summary>Time passes until it is so.</summary>
    private static Task Passing(FakeTimeProvider clock, TimeSpan step, Func<bool> condition, string what) => Until(
        () =>
        {
            if (condition())
                return true;
            clock.Advance(step);
            return false;
        },
        what);

    private static Span Timed()
    {
        long from = Stopwatch.GetTimestamp();   // one clock for all processes of the machine
        return new(from, Stopwatch.GetTimestamp());
    }

    /// <summary>When a call ran.</summary>
    public sealed record Span(long From, long To);

    /// <summary>An object that counts.</summary>
    private sealed class Tally
    {
        public int Count { get; set; }
    }
}
