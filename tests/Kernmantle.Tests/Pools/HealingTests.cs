using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.Pools;

/// <summary>A pool that broke comes back, and one that is merely robbed of workers does not break.</summary>
public sealed class HealingTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-healing").FullName;

    private static volatile bool startsFail;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_broken_pool_tries_after_pauses_that_grow_says_when_and_goes_on_when_a_worker_lives()
    {
        var clock = new FakeTimeProvider();
        startsFail = true;
        await using WorkerPool pool = WorkerPool.Threads(2, new()
        {
            OnWorkerStart = FailWhileTold,
            TimeProvider = clock,
            HealAfter = TimeSpan.FromSeconds(10),
        });
        Assert.Equal(PoolState.Starting, pool.State);
        Task<int> first = pool.RunAsync(static () => 1);
        while (pool.State != PoolState.Broken)
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));   // the back-off between starts
            await Task.Yield();
        }
        await Assert.ThrowsAsync<PoolBrokenException>(() => first.WaitAsync(Deadline));
        for (int pause = 10; pause <= 40; pause *= 2)
        {
            PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.RunAsync(static () => 1).WaitAsync(Deadline));
            Assert.IsType<RemoteException>(broken.InnerException);
            Assert.Equal(clock.GetUtcNow() + broken.RetryAfter, broken.NextTry);
            Assert.InRange(broken.RetryAfter!.Value, TimeSpan.FromSeconds(pause - 1), TimeSpan.FromSeconds(pause));
            clock.Advance(broken.RetryAfter.Value);
            while (await NextTryAsync(pool) == broken.NextTry)
                await Task.Yield();   // the worker that is tried fails elsewhere
        }
        startsFail = false;
        PoolBrokenException last = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync());
        clock.Advance(last.RetryAfter!.Value);
        while (pool.State == PoolState.Broken)
            await Task.Yield();
        Assert.Equal(2, await pool.RunAsync(static () => 2).WaitAsync(Deadline));
        await pool.StartAsync().WaitAsync(Deadline);
        Assert.Equal(PoolState.Running, pool.State);
    }

    [Fact]
    public async Task A_pool_that_is_to_stay_broken_says_so_and_does()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = WorkerPool.Processes(1, new()
        {
            OnWorkerStart = (Action)(static () => throw new FormatException("no")),
            RestartLimit = 0,
            HealAfter = Timeout.InfiniteTimeSpan,
            TimeProvider = clock,
        });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync().WaitAsync(Deadline));
        Assert.Equal((null, null, PoolState.Broken), (broken.NextTry, broken.RetryAfter, pool.State));
        clock.Advance(TimeSpan.FromDays(1));
        broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Contains("dispose of it", broken.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PoolBrokenException>(() => pool.CreateAsync(static () => new object()).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_pool_whose_starts_hang_gives_up_although_they_never_fall_into_one_window()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { OnWorkerStart = NeverEnd, RestartLimit = 1, TimeProvider = clock });
        Task start = pool.StartAsync();
        await Contracts.Waiting.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));   // a start may take 30 s, the window is as long, and there are pauses between
                return start.IsCompleted;
            },
            "the pool gives up",
            Deadline);
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => start);
        Assert.Equal((2, PoolState.Broken), (broken.Restarts, pool.State));
        Assert.Contains("was not ready after 00:00:30", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Repeated]
    public async Task A_killer_that_takes_one_ready_worker_of_four_every_two_start_times_does_not_break_the_pool()
    {
        int kills = Repetitions.Of(quick: 12, atLength: 24);   // more than the restarts that break a pool
        long began = Stopwatch.GetTimestamp();
        await using WorkerPool pool = WorkerPool.Processes(4);
        await pool.StartAsync().WaitAsync(Deadline);
        for (int kill = 0; kill < kills; kill++)
        {
            // Twice what the last start took: how long one takes changes with what else the machine does.
            await Task.Delay(2 * Stopwatch.GetElapsedTime(began));
            int victim = await ServedAsync(pool);
            began = Stopwatch.GetTimestamp();
            Kill(victim);
            await Contracts.Waiting.Until(
                () => pool.State == PoolState.Broken || (pool.Statistics is { Workers: 4, Replaced: var replaced } && replaced > kill),
                $"four ready workers after kill {kill + 1}",
                Deadline);
            Assert.NotEqual(PoolState.Broken, pool.State);
        }
    }

    [Fact]
    public async Task A_killer_that_takes_every_worker_at_sight_breaks_the_pool_which_fails_fast_and_serves_again_after_it()
    {
        using var stop = new CancellationTokenSource();
        await using WorkerPool pool = WorkerPool.Processes(2, new()
        {
            HealAfter = TimeSpan.FromMilliseconds(200),
            RestartLimit = 3,
            OnWorkerStart = NoteStart,
            Environment = new Dictionary<string, string?> { [FolderVariable] = folder },
        });
        Task killer = Task.Run(() => KillAtSightAsync(stop.Token));
        for (int seen = 0; seen < 3;)
        {
            try
            {
                await pool.RunAsync(static () => 1).WaitAsync(Deadline);
            }
            catch (PoolBrokenException e)
            {
                Assert.NotNull(e.NextTry);
                seen++;
                await Task.Delay(e.RetryAfter!.Value);   // a caller that does what it is told
            }
            catch (WorkerCrashedException)
            {
                // Killed while it ran.
            }
        }
        await stop.CancelAsync();
        await killer.WaitAsync(Deadline);
        DateTimeOffset? promised = null;
        while (true)
        {
            try
            {
                Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
                break;
            }
            catch (PoolBrokenException e)
            {
                // One that was killed before the killer stopped may be told after it; then no more than one pause.
                promised = e.NextTry;
                await Task.Delay(e.RetryAfter!.Value + TimeSpan.FromMilliseconds(1));
            }
            catch (WorkerCrashedException)
            {
                // The killer's last.
            }
        }
        Assert.NotEqual(PoolState.Broken, pool.State);
        Assert.True(promised is null || promised <= DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task Queued_and_waiting_calls_of_a_pool_that_breaks_end_at_once()
    {
        startsFail = true;
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = WorkerPool.Threads(1, new() { OnWorkerStart = FailWhileTold, QueueCapacity = 2, TimeProvider = clock });
        Task<int>[] calls = [.. Enumerable.Range(0, 10).Select(i => pool.RunAsync(static n => n, i))];
        while (pool.State != PoolState.Broken)
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        foreach (Task<int> call in calls)
            await Assert.ThrowsAsync<PoolBrokenException>(() => call.WaitAsync(Deadline));
        Assert.Equal((0, 0, 10), (pool.Statistics.Queued, pool.Statistics.Waiting, (int)pool.Statistics.Failed));
    }

    private const string FolderVariable = "TEST_HEALING_FOLDER";

    private static void FailWhileTold()
    {
        if (startsFail)
            throw new FormatException("not yet");
    }

    private static Task NeverEnd() => Task.Delay(Timeout.Infinite);

    private static void NoteStart() => File.WriteAllText(Path.Combine(Environment.GetEnvironmentVariable(FolderVariable)!, $"{Environment.ProcessId}"), "");

    private async Task KillAtSightAsync(CancellationToken stop)
    {
        HashSet<string> killed = [];
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!stop.IsCancellationRequested)
        {
            foreach (string file in Directory.GetFiles(folder))
            {
                if (killed.Add(file))
                    Kill(int.Parse(Path.GetFileName(file), null));
            }
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static void Kill(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (ArgumentException)
        {
            // It has gone.
        }
    }

    /// <summary>The process of a worker that serves. A call that was on its way to the one that was killed is made again.</summary>
    private static async Task<int> ServedAsync(WorkerPool pool)
    {
        while (true)
        {
            try
            {
                return await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
            }
            catch (WorkerCrashedException)
            {
                // It had begun.
            }
        }
    }

    private static async Task<DateTimeOffset?> NextTryAsync(WorkerPool pool) =>
        (await Assert.ThrowsAsync<PoolBrokenException>(() => pool.RunAsync(static () => 1).WaitAsync(Deadline))).NextTry;
}
