using Kernmantle.Tests.Logging;
using Kernmantle.Victim;

namespace Kernmantle.Tests.Pools;

/// <summary>Loggers and keys are the user's code: whatever they do, other calls go on, and disposal ends.</summary>
public sealed class UserCodeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_logger_that_throws_for_every_record_loses_no_call_and_no_worker()
    {
        using var factory = new RudeFactory(static () => throw new FormatException("a rude logger"));
        WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = factory, DrainTimeout = Deadline });
        await DisturbAsync(pool);
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pool.RunAsync(static n => n, i))).WaitAsync(Deadline));
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_logger_that_blocks_holds_up_neither_calls_nor_disposal()
    {
        using var gate = new ManualResetEventSlim();
        using var factory = new RudeFactory(gate.Wait);
        WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = factory });
        await DisturbAsync(pool);
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pool.RunAsync(static n => n, i))).WaitAsync(Deadline));
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
        Assert.Empty(factory.Messages);
        gate.Set();
    }

    [Fact]
    public async Task A_logger_that_calls_back_into_its_pool_is_answered()
    {
        WorkerPool? pool = null;
        int answers = 0;
        using var factory = new RudeFactory(() =>
        {
            if (pool is not { State: PoolState.Running or PoolState.Degraded } inner)
                return;
            _ = inner.Statistics;
            Interlocked.Add(ref answers, inner.Run(static n => n, 1));
        });
        pool = WorkerPool.Processes(2, new() { LoggerFactory = factory });
        await DisturbAsync(pool);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var deadline = new CancellationTokenSource(Deadline);
        while (Volatile.Read(ref answers) == 0)
            await tick.WaitForNextTickAsync(deadline.Token);
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
    }

    public static TheoryData<bool> Kinds => [true, false];

    private static WorkerPool Create(bool processes) => processes
        ? WorkerPool.Processes(1, new() { DrainTimeout = TimeSpan.FromHours(1) })
        : WorkerPool.EventLoop(new() { DrainTimeout = TimeSpan.FromHours(1) });

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_whose_hash_throws_fails_its_call_with_that_and_leaks_nothing(bool processes)
    {
        WorkerPool pool = Create(processes);
        var key = new RudeKey(static () => throw new FormatException("a rude key"));
        await Assert.ThrowsAsync<FormatException>(() => pool.With(new() { Key = key }).RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Equal(2, await pool.RunAsync(static () => 2).WaitAsync(Deadline));
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);   // it drains for an hour, if a call is left
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_that_blocks_blocks_its_caller_only(bool processes)
    {
        await using WorkerPool pool = Create(processes);
        using var gate = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        var key = new RudeKey(() =>
        {
            reached.Set();
            gate.Wait();
        });
        Task<Task<int>> blocked = Task.Factory.StartNew(() => pool.With(new() { Key = key }).RunAsync(static () => 1), TaskCreationOptions.LongRunning);
        Assert.True(reached.Wait(Deadline));
        Assert.Equal(2, await pool.RunAsync(static () => 2).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Queued);
        gate.Set();
        Assert.Equal(1, await (await blocked.WaitAsync(Deadline)).WaitAsync(Deadline));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_that_calls_back_into_the_pool_is_answered_and_its_equality_is_not_asked(bool processes)
    {
        await using WorkerPool pool = Create(processes);
        var key = new RudeKey(() => Assert.Equal(2, pool.RunAsync(static () => 2).GetAwaiter().GetResult()));
        Task<int>[] calls = [.. Enumerable.Range(0, 20).Select(i => pool.With(new() { Key = key }).RunAsync(
            static async n =>
            {
                await Task.Yield();
                return n;
            },
            i))];
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(calls).WaitAsync(Deadline));
    }

    /// <summary>Records of the pool: of a worker that dies idle, of one that dies in a call, of their replacements. Neither writes one of its own.</summary>
    private static async Task DisturbAsync(WorkerPool pool)
    {
        int pid = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
        System.Diagnostics.Process.GetProcessById(pid).Kill();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static () => Misdeeds.KillSelf(9)).WaitAsync(Deadline));
        while (pool.Statistics.Replaced < 2)
            _ = await pool.RunAsync(static () => 1).WaitAsync(Deadline);
    }

    private sealed class RudeKey(Action rudeness)
    {
        public override int GetHashCode()
        {
            rudeness();
            return 7;
        }

        public override bool Equals(object? obj) => throw new InvalidOperationException("Nobody is to ask.");
    }
}
