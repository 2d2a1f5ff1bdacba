namespace Kernmantle.Contracts;

/// <summary>How calls end: cancellation, timeouts, retries, disposal.</summary>
public abstract partial class WorkerPoolContract
{
    [Fact]
    public async Task A_begun_call_follows_its_token()
    {
        await using WorkerPool pool = Create(1, new() { KillGrace = Deadline });
        using FileGate gate = new(), reached = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(1, await pool.RunAsync(static () => 1));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_captured_token_stays_linked()
    {
        await using WorkerPool pool = Create(1);
        using FileGate gate = new(), reached = new();
        using var cancel = new CancellationTokenSource();
        CancellationToken token = cancel.Token;
        string path = gate.Path, there = reached.Path;
        Task call = pool.RunAsync(() => FileGate.ReachAsync(there, path, token));
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_begun_call_that_ignores_its_token_ends_after_the_grace()
    {
        await using WorkerPool pool = Create(1, new() { KillGrace = TimeSpan.FromMilliseconds(20), DrainTimeout = TimeSpan.Zero });
        using FileGate gate = new(), reached = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.RunAsync(static (r, g) => FileGate.ReachAsync(r, g, CancellationToken.None), reached.Path, gate.Path, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Equal(CanKill ? 0 : 1, pool.Statistics.LostThreads);
        gate.Open();
        await Until(() => pool.Statistics.LostThreads == 0, "the abandoned function ended");
    }

    [Fact]
    public async Task A_call_that_runs_too_long_times_out_and_capacity_returns()
    {
        await using WorkerPool pool = Create(1);
        using var gate = new FileGate();
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.With(new() { Timeout = TimeSpan.FromMilliseconds(50), Name = "slow" }).RunAsync(static path => FileGate.PassAsync(path, CancellationToken.None), gate.Path).WaitAsync(Deadline));
        Assert.Equal((!CanKill, "slow", TimeSpan.FromMilliseconds(50)), (failure.StillRunning, failure.CallName, failure.Timeout));
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        gate.Open();
    }

    [Fact]
    public async Task A_failed_call_is_repeated_only_as_told()
    {
        await using WorkerPool pool = Create(1);
        static CallOptions Repeated(FailureKinds on, int attempts) => new() { Retry = new() { On = on, MaxAttempts = attempts, Backoff = TimeSpan.FromMilliseconds(1) } };
        Assert.Equal(3, await pool.With(Repeated(FailureKinds.Exception, 3)).RunAsync(ThirdTime).WaitAsync(Deadline));
        await Assert.ThrowsAsync<RemoteException>(() => pool.With(Repeated(FailureKinds.Exception, 2)).RunAsync(ThirdTime));
        await Assert.ThrowsAsync<RemoteException>(() => pool.With(Repeated(FailureKinds.Crash, 3)).RunAsync(ThirdTime));
        await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(ThirdTime));
        Assert.Equal(3, pool.Statistics.Retried);
    }

    [Fact]
    public async Task A_retry_policy_is_asked_and_told_where_it_may_use_the_pool()
    {
        await using WorkerPool pool = Create(1);
        var asked = new List<int>();
        var told = new List<(int, string)>();
        var policy = new RetryPolicy
        {
            On = FailureKinds.Exception,
            MaxAttempts = 5,
            ShouldRetry = a =>
            {
                Assert.IsType<RemoteException>(a.Failure);
                Assert.Equal(7, pool.RunAsync(static () => 7).WaitAsync(Deadline).GetAwaiter().GetResult());
                asked.Add(a.Attempt);
                return true;
            },
            PauseGenerator = static a => TimeSpan.FromMilliseconds(a.Attempt),
            OnRetry = a => told.Add((a.Attempt, a.CallName)),
        };
        Assert.Equal(3, await pool.With(new() { Retry = policy, Name = "third" }).RunAsync(ThirdTime).WaitAsync(Deadline));
        Assert.Equal([1, 2], asked);
        Assert.Equal([(1, "third"), (2, "third")], told);
        Assert.Equal(2, pool.Statistics.Retried);
    }

    [Theory]
    [InlineData("it says no")]
    [InlineData("it throws")]
    [InlineData("its pause is none")]
    public async Task A_call_whose_retry_policy_refuses_fails_as_it_did(string how)
    {
        await using WorkerPool pool = Create(1);
        var policy = new RetryPolicy
        {
            On = FailureKinds.Exception,
            MaxAttempts = 9,
            Backoff = TimeSpan.FromMilliseconds(1),
            UseJitter = true,
            ShouldRetry = a => how == "it throws" && a.Attempt == 2 ? throw new InvalidOperationException("it threw") : how != "it says no" || a.Attempt < 2,
            PauseGenerator = a => how == "its pause is none" && a.Attempt == 2 ? TimeSpan.FromDays(-1) : a.Pause,
        };
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.With(new() { Retry = policy, Name = "third" }).RunAsync(ThirdTime).WaitAsync(Deadline));
        Assert.Equal("third", failure.CallName);
        Assert.NotNull(failure.WorkerName);
        Assert.Equal(1, pool.Statistics.Retried);
        Assert.Equal(1, pool.Statistics.Failed);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_is_cancelled_while_its_retry_policy_thinks()
    {
        await using WorkerPool pool = Create(1);
        using var source = new CancellationTokenSource();
        using var isAsked = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        var policy = new RetryPolicy
        {
            On = FailureKinds.Exception,
            ShouldRetry = _ =>
            {
                isAsked.Release();
                return goOn.Wait(Deadline);
            },
        };
        Task call = Task.Run(() => pool.With(new() { Retry = policy }).RunAsync(ThirdTime, source.Token));
        Assert.True(await isAsked.WaitAsync(Deadline));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        goOn.Set();
        Assert.Equal(0, pool.Statistics.Retried);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    /// <summary>Calls that are known to be tiny are looked for by their callers, who must not miss that one goes round again.</summary>
    [Fact]
    public async Task Callers_that_block_and_callers_that_await_get_what_the_last_attempt_returned()
    {
        await using WorkerPool pool = Create(1);
        var options = new CallOptions { Retry = new RetryPolicy { On = FailureKinds.Exception, MaxAttempts = 3, Backoff = TimeSpan.FromMilliseconds(1) } };
        for (int i = 0; i < 300; i++)
        {
            Assert.Equal(i, pool.With(options).Run(EveryFifthTwice, i));
            Assert.Equal(i, await pool.With(options).RunAsync(EveryFifthTwice, i).WaitAsync(Deadline));
        }
        Assert.Equal((600, 120), (pool.Statistics.Completed, pool.Statistics.Retried));
        await Until(() => pool.Statistics is { Running: 0, Queued: 0 }, "nothing was left behind");
    }

    private static int EveryFifthTwice(int n) => n % 5 != 0 || WorkerContext.Current!.Attempt == 2 ? n : throw new InvalidOperationException("once more");

    private static int ThirdTime() => WorkerContext.Current!.Attempt is 3 ? 3 : throw new InvalidOperationException("not yet");

    [Fact]
    public async Task Calls_with_an_equal_key_run_in_order_and_one_at_a_time()
    {
        await using WorkerPool pool = Create(2);
        string file = Path.GetTempFileName();
        var options = new CallOptions { Key = "k" };
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => pool.With(options).RunAsync(static (f, n) => File.AppendAllText(f, $"{n} "), file, i))).WaitAsync(Deadline);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 50)) + " ", await File.ReadAllTextAsync(file));
        File.Delete(file);
    }

    [Fact]
    public async Task Disposal_lets_calls_finish()
    {
        WorkerPool pool = Create(1, new() { DrainTimeout = Deadline });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        Task<int> waiting = pool.RunAsync(static () => 1);
        await Reached(reached);
        Task disposal = pool.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(static () => 2));
        gate.Open();
        await disposal.WaitAsync(Deadline);
        Assert.True(blocker.IsCompletedSuccessfully);
        Assert.Equal(1, await waiting);
        await pool.DisposeAsync();
        Assert.Equal((0, 0), (pool.Statistics.Queued, pool.Statistics.Running));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_read_before_the_inputs_of_a_map_failed_is_handed_out_and_then_the_failure(bool ordered)
    {
        await using WorkerPool pool = Create(2);
        List<int> read = [];
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (MapResult<int, int> result in ordered ? pool.MapAsync(static n => n + 1, FailsAfter(100)) : pool.MapUnorderedAsync(static n => n + 1, FailsAfter(100)))
                read.Add(result.Value);
        }).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(1, 100), ordered ? read : read.Order());
        Assert.Equal(1, await pool.RunAsync(static () => 1));

        static IEnumerable<int> FailsAfter(int count)
        {
            for (int i = 0; i < count; i++)
                yield return i;
            throw new InvalidDataException("no more");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_map_that_waits_for_an_input_ends_with_its_pool(bool ordered)
    {
        WorkerPool pool = Create(1);
        bool ended = false;
        await using IAsyncEnumerator<MapResult<int, int>> results = (ordered ? pool.MapAsync(static n => n, OneAndWait()) : pool.MapUnorderedAsync(static n => n, OneAndWait())).GetAsyncEnumerator();
        Assert.True(await results.MoveNextAsync().AsTask().WaitAsync(Deadline));
        await pool.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => results.MoveNextAsync().AsTask().WaitAsync(Deadline));
        Assert.True(ended);

        async IAsyncEnumerable<int> OneAndWait([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                yield return 1;
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Fact]
    public async Task A_map_over_endless_inputs_ends_with_its_pool()
    {
        WorkerPool pool = Create(1);
        int taken = 0;
        async Task Take(IAsyncEnumerable<MapResult<int, int>> results)
        {
            await foreach (MapResult<int, int> result in results)
            {
                Assert.True(result.IsSuccess || result.Failure is ObjectDisposedException);   // what was under way when the pool ended
                if (++taken == 100)
                    _ = pool.DisposeAsync().AsTask();
            }
        }
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Take(pool.MapAsync(static n => n, Endless()))).WaitAsync(Deadline);
        await pool.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Take(pool.MapAsync(static n => n, Endless()))).WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Take(pool.MapUnorderedAsync(static n => n, Endless()))).WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.MapToArrayAsync(static n => n, [1, 2]).WaitAsync(Deadline));

        static IEnumerable<int> Endless()
        {
            for (int i = 0; ; i = (i + 1) % 1000)
                yield return i;
        }
    }

    [Fact]
    public async Task An_object_is_not_created_in_a_pool_that_is_disposed_of_which_ends_all_the_same()
    {
        WorkerPool pool = Create(1, new() { DrainTimeout = TimeSpan.FromHours(1) });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task disposal = pool.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CreateAsync(static () => new object()));
        gate.Open();
        await blocker.WaitAsync(Deadline);
        await disposal.WaitAsync(Deadline);   // a call that were not counted as ended would hold it up
    }

    [Fact]
    public async Task An_immediate_end_ends_the_calls_that_run()
    {
        WorkerPool pool = Create(1);
        using FileGate gate = new(), reached = new();
        Task running = pool.RunAsync(static (r, g) => FileGate.ReachAsync(r, g, CancellationToken.None), reached.Path, gate.Path);
        await Reached(reached);
        await pool.KillAsync().WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        gate.Open();
    }

    [Fact]
    public async Task A_stop_lets_calls_finish_whatever_disposal_would()
    {
        WorkerPool pool = Create(1, new() { DrainTimeout = TimeSpan.Zero });
        using FileGate gate = new(), reached = new();
        using var ungraceful = new CancellationTokenSource();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        Task<int> waiting = pool.RunAsync(static () => 1);
        await Reached(reached);
        Task stop = pool.StopAsync(ungraceful.Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(static () => 2));
        Assert.False(stop.IsCompleted);
        gate.Open();
        await stop.WaitAsync(Deadline);
        Assert.True(blocker.IsCompletedSuccessfully);
        Assert.Equal(1, await waiting);
    }

    [Fact]
    public async Task A_stop_whose_token_is_cancelled_ends_the_calls_that_run()
    {
        WorkerPool pool = Create(1, new() { DrainTimeout = Deadline });
        using FileGate gate = new(), reached = new();
        using var ungraceful = new CancellationTokenSource();
        Task running = pool.RunAsync(static (r, g) => FileGate.ReachAsync(r, g, CancellationToken.None), reached.Path, gate.Path);
        await Reached(reached);
        Task stop = pool.StopAsync(ungraceful.Token);
        await ungraceful.CancelAsync();
        await stop.WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        gate.Open();
    }

    [Fact]
    public async Task A_pool_can_be_disposed_of_while_it_starts_and_without_ever_having_started()
    {
        await Create().DisposeAsync().AsTask().WaitAsync(Deadline);
        WorkerPool pool = Create(2);
        Task start = pool.StartAsync();
        await pool.KillAsync().WaitAsync(Deadline);
        try
        {
            await start.WaitAsync(Deadline);
        }
        catch (ObjectDisposedException)
        {
            // The end may come before the start is done, or after.
        }
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.StartAsync());
    }

    [Fact]
    public async Task The_statistics_add_up()
    {
        await using WorkerPool pool = Create(2);
        await pool.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pool.RunAsync(static n => n, i)));
        for (int i = 0; i < 3; i++)
            await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static () => throw new FormatException()));
        PoolStatistics figures = pool.Statistics;
        Assert.Equal((100L, 3L, 0L, 0, 0), (figures.Completed, figures.Failed, figures.Cancelled, figures.Queued, figures.Running));
    }

    [Fact]
    public async Task A_result_may_be_awaited_twice_and_by_many_callers_at_once()
    {
        await using WorkerPool pool = Create(2);
        Task<int> call = pool.RunAsync(static () => 7);
        Assert.Equal(14, await call + await call);
        int[] sums = await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            int sum = 0;
            for (int i = 0; i < 50; i++)
                sum += await pool.RunAsync(static (a, b) => a * b, caller, i);
            return sum;
        })));
        Assert.Equal(Enumerable.Range(0, 8).Select(static caller => caller * 1225), sums);
    }

    [Fact]
    public async Task Wrong_use_is_an_argument_exception()
    {
        await using WorkerPool pool = Create(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(-1, new()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { QueueCapacity = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { KillGrace = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { StreamWindow = 0 }));
        Assert.Throws<ArgumentException>(() => Create(1, new() { OnWorkerStart = static (int _) => { } }));
        Assert.Throws<ArgumentNullException>(() => { _ = pool.RunAsync((Func<int>)null!); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = pool.With(new() { Timeout = TimeSpan.FromSeconds(-2) }).RunAsync(static () => 1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy { On = FailureKinds.Crash, MaxAttempts = 0 });
    }
}
