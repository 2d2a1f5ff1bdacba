namespace Kernmantle.Python.Tests.Pools;

/// <summary>Coroutines: many at once in one worker.</summary>
public abstract partial class PythonContract
{
    [Needs("asyncio")]
    [Fact]
    public async Task A_thousand_coroutines_wait_in_one_worker_at_once()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var gate = new Gate();
        long before = pool.Statistics.Completed;
        Task<int>[] waiting = [.. Enumerable.Range(0, 1000).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 1000, "all run");
        gate.Open();
        Assert.Equal(1000, (await Task.WhenAll(waiting).WaitAsync(Deadline)).Sum());
        Assert.Equal((0, 0, 1000L), (pool.Statistics.Running, pool.Statistics.Queued, pool.Statistics.Completed - before));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task No_more_coroutines_run_at_once_than_allowed()
    {
        await using PythonPool pool = Create(1, new() { MaxConcurrency = 3 });
        using var gate = new Gate();
        Task<int>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 3, "three run");
        Assert.Equal((3, 7), (pool.Statistics.Running, pool.Statistics.Queued));
        gate.Open();
        await Task.WhenAll(waiting).WaitAsync(Deadline);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Coroutines_spread_over_the_workers()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using var gate = new Gate();
        await pool.CallAsync<int>("kmtests:aio_same", 1);
        Task<int>[] waiting = [.. Enumerable.Range(0, 100).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 100, "all run");
        // A call that blocks one worker leaves the other one to the next ones.
        using Gate reached = new(), end = new();
        Task blocker = pool.CallAsync<object?>("kmtests:reach", reached.Path, end.Path);
        await Reached(reached);
        for (int i = 0; i < 20; i++)
            Assert.Equal(i, await pool.CallAsync<int>("kmtests:same", i).WaitAsync(Deadline));
        end.Open();
        gate.Open();
        await Task.WhenAll(waiting).WaitAsync(Deadline);
        await blocker.WaitAsync(Deadline);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task One_coroutine_fails_is_cancelled_or_times_out_and_the_others_go_on()
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate gate = new(), reached = new(), cleaned = new();
        Task<int>[] others = [.. Enumerable.Range(0, 50).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        Assert.EndsWith("CancelledError", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:aio_cancel_itself"))).TypeName, StringComparison.Ordinal);
        Assert.Equal("mine", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:aio_fail", "mine").WaitAsync(Deadline))).Message);
        using var cancel = new CancellationTokenSource();
        Task cancelled = pool.CallAsync<object?>("kmtests:aio_clean_up", PythonArguments.Of(reached.Path, cleaned.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Deadline));
        Assert.True(cleaned.IsOpen);
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.CallAsync<int>("kmtests:wait_for", PythonArguments.Of(gate.Path), new() { Timeout = Short }).WaitAsync(Deadline));
        Assert.All(others, static o => Assert.False(o.IsCompleted));
        gate.Open();
        await Task.WhenAll(others).WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_synchronous_call_runs_beside_waiting_coroutines_as_if_there_were_no_loop()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var gate = new Gate();
        Task<int>[] others = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 10, "all run");
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal(7, await pool.CallAsync<int>("kmtests:run_a_loop").WaitAsync(Deadline));
        AssertItems([0, 1, 2], await ToListAsync(pool.StreamAsync<int>("kmtests:count", PythonArguments.Of(3))));
        gate.Open();
        await Task.WhenAll(others).WaitAsync(Deadline);
        Assert.Equal(7, await pool.CallAsync<int>("kmtests:run_a_loop").WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_coroutine_that_computes_is_interrupted_and_the_others_go_on()
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate gate = new(), reached = new();
        Task<int>[] others = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 10, "all run");
        using var cancel = new CancellationTokenSource();
        Task spinning = pool.CallAsync<object?>("kmtests:aio_spin", PythonArguments.Of(reached.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spinning.WaitAsync(Deadline));
        gate.Open();
        await Task.WhenAll(others).WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_coroutine_that_was_interrupted_cleans_up_undisturbed_and_others_are_interrupted_meanwhile()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Deadline });
        using Gate gate = new(), reached = new(), cleaning = new(), cleaned = new(), second = new();
        using CancellationTokenSource cancel = new(), other = new();
        Task cleansUp = pool.CallAsync<object?>("kmtests:aio_spin_clean_up", PythonArguments.Of(reached.Path, cleaning.Path, gate.Path, cleaned.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Reached(cleaning);
        Task spinning = pool.CallAsync<object?>("kmtests:aio_spin", PythonArguments.Of(second.Path), null, other.Token);
        await Reached(second);
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spinning.WaitAsync(Deadline));
        Assert.False(cleansUp.IsCompleted || cleaned.IsOpen);
        gate.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cleansUp.WaitAsync(Deadline));
        Assert.True(cleaned.IsOpen);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_blocking_call_beside_coroutines_that_times_out_is_interrupted_and_they_go_on()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Deadline });
        using Gate gate = new(), reached = new(), never = new();
        Task<int>[] others = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 10, "all run");
        await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.CallAsync<object?>("kmtests:reach", PythonArguments.Of(reached.Path, never.Path), new() { Timeout = Short }).WaitAsync(Deadline));
        gate.Open();
        await Task.WhenAll(others).WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_coroutine_that_holds_the_lock_in_C_takes_its_neighbours_along_and_they_are_told_so()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Short });
        using Gate gate = new();
        Task<int>[] others = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 10, "all run");
        var options = new CallOptions { Timeout = Short, Name = "culprit" };
        // A timeout that comes before the function holds the lock interrupts it like any other: then once more.
        while (!others[0].IsCompleted)
            await Assert.ThrowsAsync<CallTimeoutException>(() => pool.CallAsync<object?>("kmtests:aio_hold_lock", PythonArguments.None, options).WaitAsync(Deadline));
        foreach (Task<int> other in others)
        {
            WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => other.WaitAsync(Deadline));
            Assert.Equal(CrashReason.Killed, failure.Reason);
            Assert.Contains("culprit", failure.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task What_a_coroutine_returns_may_be_too_large()
    {
        await using PythonPool pool = Create(1, new() { MaxPayloadBytes = 1 << 20 });
        await pool.ExecAsync("async def large(): return 'x' * (2 << 20)");
        await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.CallAsync<string>("__main__:large"));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_worker_that_dies_fails_all_its_coroutines_and_moves_none()
    {
        await using PythonPool pool = Create();
        using Gate gate = new();
        Task<int>[] others = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<int>("kmtests:wait_for", gate.Path))];
        await Until(() => pool.Statistics.Running == 10, "all run");
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:aio_exit", 5).WaitAsync(Deadline));
        foreach (Task<int> other in others)
            Assert.Equal(5, (await Assert.ThrowsAsync<WorkerCrashedException>(() => other.WaitAsync(Deadline))).ExitCode);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    [Repeated]
    public async Task Coroutines_cancelled_at_any_moment_end_and_hit_no_other()
    {
        PythonPool pool = await shared.GetAsync(this);
        var random = new Random(1);
        for (int round = 0; round < Repetitions.Of(quick: 3, atLength: 60); round++)
        {
            var calls = new List<(Task Call, CancellationTokenSource Cancel)>();
            for (int i = 0; i < 50; i++)
            {
                var cancel = new CancellationTokenSource();
                calls.Add((pool.CallAsync<int>("kmtests:aio_same", PythonArguments.Of(i), null, cancel.Token), cancel));
                Task<int> stays = pool.CallAsync<int>(i % 2 == 0 ? "kmtests:aio_same" : "kmtests:same", i);
                int expected = i;
                calls.Add((Task.Run(async () => Assert.Equal(expected, await stays)), new()));
                Thread.SpinWait(random.Next(2000));
                int victim = random.Next(calls.Count);
                if (calls[victim].Call is Task<int>)
                    await calls[victim].Cancel.CancelAsync();
            }
            foreach ((Task call, CancellationTokenSource cancel) in calls)
            {
                try
                {
                    await call.WaitAsync(Deadline);
                }
                catch (OperationCanceledException) when (cancel.IsCancellationRequested)
                {
                    // As asked.
                }
                cancel.Dispose();
            }
        }
        Assert.Equal((0L, 0, 0), (pool.Statistics.Replaced, pool.Statistics.Running, pool.Statistics.Queued));
    }
}
