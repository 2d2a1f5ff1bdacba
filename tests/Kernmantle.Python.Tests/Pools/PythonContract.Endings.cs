using Microsoft.Extensions.Time.Testing;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>How calls end: cancellation, timeouts, retries, a full queue, disposal.</summary>
public abstract partial class PythonContract
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_call_that_has_not_begun_is_cancelled_at_once()
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate gate = new(), reached = new();
        Task blocker = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Reached(reached);
        using var cancel = new CancellationTokenSource();
        Task<int> waiting = pool.CallAsync<int>("kmtests:same", PythonArguments.Of(1), null, cancel.Token);
        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline));
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        Assert.False(blocker.IsCompleted);
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("interrupted sleep")]
    [Fact]
    public async Task A_cancelled_function_gets_a_KeyboardInterrupt_and_its_finally_blocks_run()
    {
        PythonPool pool = await shared.GetAsync(this);
        long before = pool.Statistics.Cancelled;
        using Gate reached = new(), cleaned = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kmtests:clean_up", PythonArguments.Of(reached.Path, cleaned.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        Assert.Equal("except finally", await File.ReadAllTextAsync(cleaned.Path));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1));
        Assert.Equal((0L, 1L), (pool.Statistics.Replaced, pool.Statistics.Cancelled - before));
    }

    [Needs("signals")]
    [Theory]
    [InlineData("kmtests:miss_signals")]   // C code that waits begins just after a signal
    [InlineData("kmtests:finalize")]       // a finalizer is interrupted: Python goes on after it
    [InlineData("kmtests:aio_finalize", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task An_interrupt_that_falls_where_Python_loses_it_is_raised_all_the_same(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.SkipWhen(function.EndsWith("finalize", StringComparison.Ordinal) && (await pool.GetInterpreterAsync()).Implementation != "cpython", "It runs finalizers when it likes.");
        using Gate reached = new(), cleaned = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>(function, PythonArguments.Of(reached.Path, cleaned.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal("interrupted", await File.ReadAllTextAsync(cleaned.Path));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("signals")]
    [Fact]
    public async Task A_function_that_times_out_and_is_cancelled_while_it_cleans_up_is_interrupted_once()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Deadline, TimeoutGrace = Deadline });
        await pool.StartAsync();
        using Gate reached = new(), cleaning = new(), gate = new(), cleaned = new();
        using var cancel = new CancellationTokenSource();
        int pid = await pool.CallAsync<int>("kmtests:pid");
        PythonArguments arguments = PythonArguments.Of(reached.Path, cleaning.Path, gate.Path, cleaned.Path);
        Task call = pool.CallAsync<object?>("kmtests:clean_up_until", arguments, new() { Timeout = Short }, cancel.Token);
        await Reached(cleaning);
        await cancel.CancelAsync();
        foreach (string signal in (string[])["-INT", "-URG"])
        {
            // As one that was on its way.
            using Process kill = Process.Start("kill", [signal, $"{pid}"]);
            await kill.WaitForExitAsync().WaitAsync(Deadline);
        }
        gate.Open();
        await Assert.ThrowsAsync<CallTimeoutException>(() => call.WaitAsync(Deadline));
        Assert.Equal("once", await File.ReadAllTextAsync(cleaned.Path));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("signals")]
    [Fact]
    public async Task A_program_with_a_handler_of_its_own_is_interrupted_once()
    {
        var clock = new FakeTimeProvider();
        await using PythonPool pool = Create(1, new() { KillGrace = TimeSpan.FromHours(1), TimeProvider = clock });
        using Gate reached = new(), gate = new();
        using var cancel = new CancellationTokenSource();
        Task<int> call = pool.CallAsync<int>("kmtests:handle_signals", PythonArguments.Of(reached.Path, gate.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        for (int i = 0; i < 20; i++)
            clock.Advance(TimeSpan.FromSeconds(1));
        gate.Open();
        Assert.Equal(1, await call.WaitAsync(Deadline));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1));
    }

    [Fact]
    public async Task A_loop_in_Python_is_interrupted()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var reached = new Gate();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kmtests:spin", PythonArguments.Of(reached.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_function_that_goes_on_after_its_KeyboardInterrupt_is_killed_after_the_grace_and_only_it_fails()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Short });
        using Gate gate = new(), reached = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kmtests:swallow", PythonArguments.Of(reached.Path, gate.Path), null, cancel.Token);
        Task<int>[] waiting = [.. Enumerable.Range(0, 5).Select(i => pool.CallAsync<int>("kmtests:same", i))];
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        AssertItems([0, 1, 2, 3, 4], await Task.WhenAll(waiting).WaitAsync(Deadline));
        Assert.Equal(1, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task C_code_that_holds_the_lock_is_killed_after_the_grace()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Short });
        using var reached = new Gate();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kmtests:hold_lock", PythonArguments.Of(reached.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("kmtests:spin")]
    [InlineData("kmtests:hold_lock")]
    public async Task A_call_that_runs_too_long_times_out_and_capacity_returns(string function)
    {
        await using PythonPool pool = Create();
        using var reached = new Gate();
        var options = new CallOptions { Timeout = TimeSpan.FromMilliseconds(200), Name = "slow" };
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.CallAsync<object?>(function, PythonArguments.Of(reached.Path), options).WaitAsync(Deadline));
        Assert.Equal((false, "slow", options.Timeout), (failure.StillRunning, failure.CallName, failure.Timeout));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_timed_out_function_that_follows_its_KeyboardInterrupt_keeps_its_worker()
    {
        await using PythonPool pool = Create(1, new() { TimeoutGrace = Deadline });
        using Gate gate = new(), reached = new();
        await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.CallAsync<object?>("kmtests:reach", PythonArguments.Of(reached.Path, gate.Path), new() { Timeout = Short }).WaitAsync(Deadline));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_timeout_does_not_count_while_the_call_waits_for_a_worker()
    {
        var clock = new FakeTimeProvider();
        await using PythonPool pool = Create(1, new() { TimeProvider = clock });
        using Gate gate = new(), reached = new();
        Task blocker = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Reached(reached);
        Task<int> waiting = pool.CallAsync<int>("kmtests:same", PythonArguments.Of(1), new() { Timeout = TimeSpan.FromMinutes(1) });
        clock.Advance(TimeSpan.FromHours(1));
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(1, await waiting.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_failed_call_is_repeated_only_as_told()
    {
        await using PythonPool pool = Create();
        static RetryPolicy Repeated(FailureKinds on, int attempts) => new() { On = on, MaxAttempts = attempts, Backoff = TimeSpan.FromMilliseconds(1) };
        Task<int> Call(RetryPolicy? retry) => pool.CallAsync<int>("kmtests:third_time", PythonArguments.None, new() { Retry = retry }).WaitAsync(Deadline);
        Assert.Equal(3, await Call(Repeated(FailureKinds.Exception, 3)));
        await Assert.ThrowsAsync<PythonException>(() => Call(Repeated(FailureKinds.Exception, 2)));
        Assert.Equal(3, await Call(null));
        await Assert.ThrowsAsync<PythonException>(() => Call(Repeated(FailureKinds.Crash, 3)));
        await Assert.ThrowsAsync<PythonException>(() => Call(null));
        Assert.Equal(3, pool.Statistics.Retried);
    }

    [Fact]
    public async Task A_crash_is_repeated_only_as_told()
    {
        await using PythonPool pool = Create();
        using var file = new Gate();
        var policy = new RetryPolicy { On = FailureKinds.Crash, MaxAttempts = 3, Backoff = TimeSpan.FromMilliseconds(1) };
        PythonArguments item = PythonArguments.Of((1, 1, file.Path));
        PoisonedCallException poison = await Assert.ThrowsAsync<PoisonedCallException>(() => pool.CallAsync<int>("kmtests:die_at_or_log", item, new() { Retry = policy }).WaitAsync(Deadline));
        Assert.Equal(2, poison.Deaths.Count);
        Assert.Equal(2, (await File.ReadAllLinesAsync(file.Path)).Length);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:die_at_or_log", item).WaitAsync(Deadline));
        Assert.Equal(3, (await File.ReadAllLinesAsync(file.Path)).Length);
    }

    [Fact]
    public async Task A_repeated_call_sees_the_arrays_it_was_made_with()
    {
        await using PythonPool pool = Create();
        double[] array = [.. Enumerable.Repeat(1.0, 20_000)];
        var policy = new RetryPolicy { On = FailureKinds.Exception, MaxAttempts = 3, Backoff = TimeSpan.FromMilliseconds(1) };
        const string Code = "n = 0\ndef f(a):\n  global n\n  n += 1\n  a[0] = a[0] * 2\n  if n < 3: raise ValueError(n)\n  return float(a[0])";
        await pool.ExecAsync(Code);
        Assert.Equal(2.0, await pool.CallAsync<double>("__main__:f", PythonArguments.Of(array), new() { Retry = policy }).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Calls_with_an_equal_key_run_in_order_and_one_at_a_time()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using var file = new Gate();
        var options = new CallOptions { Key = "k" };
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => pool.CallAsync<object?>("kmtests:append", PythonArguments.Of(file.Path, $"{i} "), options))).WaitAsync(Deadline);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 50)) + " ", await File.ReadAllTextAsync(file.Path));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Coroutines_with_an_equal_key_run_in_order_and_one_at_a_time_and_others_beside_them()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        using Gate file = new(), gate = new();
        Task<int>[] others = [.. Enumerable.Range(0, 4).Select(i => pool.CallAsync<int>("kmtests:wait_for", PythonArguments.Of(gate.Path), new() { Key = i }))];
        var options = new CallOptions { Key = "k" };
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => pool.CallAsync<object?>("kmtests:one_at_a_time", PythonArguments.Of(file.Path, i), options))).WaitAsync(Deadline);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 50)) + " ", await File.ReadAllTextAsync(file.Path));
        Assert.All(others, static o => Assert.False(o.IsCompleted));
        gate.Open();
        await Task.WhenAll(others).WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_full_queue_refuses_where_it_was_told_to()
    {
        await using PythonPool pool = Create(1, new() { QueueCapacity = 1, QueueFull = QueueFullMode.Fail });
        await pool.StartAsync();
        using Gate gate = new(), reached = new();
        Task blocker = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Reached(reached);
        Task<int> waiting = pool.CallAsync<int>("kmtests:same", 1);
        QueueFullException full = await Assert.ThrowsAsync<QueueFullException>(() => pool.CallAsync<int>("kmtests:same", 2));
        Assert.Equal(1, full.Capacity);
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(1, await waiting.WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Disposal_lets_calls_finish()
    {
        PythonPool pool = Create(1, new() { DrainTimeout = Deadline });
        using Gate gate = new(), reached = new(), other = new();
        Task<int> coroutine = pool.CallAsync<int>("kmtests:reach_and_wait", other.Path, gate.Path);
        await Reached(other);
        Task blocker = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        Task<int> waiting = pool.CallAsync<int>("kmtests:same", 1);
        await Reached(reached);
        Task disposal = pool.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CallAsync<int>("kmtests:same", 2));
        gate.Open();
        await disposal.WaitAsync(Deadline);
        Assert.True(blocker.IsCompletedSuccessfully);
        Assert.Equal((1, 1), (await waiting, await coroutine));
        await pool.DisposeAsync();
        Assert.Equal((0, 0), (pool.Statistics.Queued, pool.Statistics.Running));
    }

    [Theory]
    [InlineData("kmtests:swallow")]
    [InlineData("kmtests:aio_swallow", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task Disposal_kills_what_does_not_finish(string function)
    {
        PythonPool pool = Create(1, new() { DrainTimeout = Short });
        using Gate gate = new(), reached = new();
        int pid = await pool.CallAsync<int>("kmtests:pid");
        Task running = pool.CallAsync<object?>(function, reached.Path, gate.Path);
        await Reached(reached);
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        Assert.False(IsAlive(pid));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task An_immediate_end_ends_every_call()
    {
        PythonPool pool = Create();
        using Gate gate = new(), reached = new(), other = new();
        Task coroutine = pool.CallAsync<object?>("kmtests:reach_and_wait", other.Path, gate.Path);
        await Reached(other);
        Task running = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Reached(reached);
        Task<int>[] waiting = [.. Enumerable.Range(0, 20).Select(i => pool.CallAsync<int>("kmtests:same", i))];
        await pool.KillAsync().WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => coroutine);
        foreach (Task<int> call in waiting)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
    }

    [Fact]
    public async Task A_pool_can_be_disposed_of_while_it_starts_and_without_ever_having_started()
    {
        await Create().DisposeAsync().AsTask().WaitAsync(Deadline);
        PythonPool pool = Create(2);
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
        PythonPool pool = await shared.GetAsync(this, 2);
        PoolStatistics before = pool.Statistics;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pool.CallAsync<int>("kmtests:same", i)));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pool.CallAsync<int>("kmtests:add", i, 1)));
        for (int i = 0; i < 3; i++)
            await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<object?>("kmtests:fail"));
        PoolStatistics figures = pool.Statistics;
        Assert.Equal((200L, 3L, 0L, 0, 0, 2), (figures.Completed - before.Completed, figures.Failed - before.Failed, figures.Cancelled - before.Cancelled, figures.Queued, figures.Running, figures.Workers));
    }

    [Fact]
    public async Task A_result_may_be_awaited_twice_and_by_many_callers_at_once()
    {
        PythonPool pool = await shared.GetAsync(this, 2);
        Task<int> call = pool.CallAsync<int>("kmtests:same", 7);
        Assert.Equal(14, await call + await call);
        int[] sums = await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            int sum = 0;
            for (int i = 0; i < 50; i++)
                sum += await pool.CallAsync<int>("kmtests:add", caller, i);
            return sum;
        })));
        Assert.Equal(Enumerable.Range(0, 8).Select(static caller => (caller * 50) + 1225), sums);
    }

    [Fact]
    public async Task Wrong_use_is_an_argument_exception()
    {
        await using PythonPool pool = Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { QueueCapacity = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { KillGrace = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { StreamWindow = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { MaxConcurrency = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { MaxPayloadBytes = 10 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(1, new() { Arrays = (PythonArrays)9 }));
        Assert.Throws<ArgumentException>(() => Create(1, new() { OnWorkerStart = static (int _) => { } }));
        Assert.Throws<DirectoryNotFoundException>(() => Create(1, new() { ModulePaths = ["/no/such/folder"] }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => pool.CallAsync<int>(null!));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => pool.CallAsync<int>(""));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await pool.CallAsync<int>("a:b", PythonArguments.None, new() { Timeout = TimeSpan.FromSeconds(-2) }));
        Assert.Throws<ArgumentException>(() => PythonArguments.None.With("a", 1).With("a", 2));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Cancellations_that_come_after_the_end_are_not_remembered()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal(0, await pool.CallAsync<int>("kmtests:cancel_late", 1000));
        Assert.Equal(0, await pool.CallAsync<int>("kmtests:cancel_late", 1000));
        using var gate = new Gate();
        Task<int> beside = pool.CallAsync<int>("kmtests:wait_for", gate.Path);
        await pool.CallAsync<int>("kmtests:cancel_late", 1000).WaitAsync(Deadline);
        Assert.Equal(0, await pool.CallAsync<int>("kmtests:cancel_late", 1000).WaitAsync(Deadline));
        gate.Open();
        await beside.WaitAsync(Deadline);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task A_coroutine_that_is_cancelled_before_it_runs_leaves_no_warning()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Empty(await pool.CallAsync<string[]>("kmtests:warnings_of_what_never_ran"));
    }

    [Needs("signals")]
    [Fact]
    public async Task What_a_signal_handler_prints_while_the_worker_writes_arrives_too()
    {
        var log = new RecordFactory();
        await using PythonPool pool = Create(1, new() { LoggerFactory = log });
        (int lines, int handled) = await pool.CallAsync<(int, int)>("kmtests:print_in_a_signal_handler", 20).WaitAsync(Deadline);
        Assert.InRange(handled, 20, int.MaxValue);
        await pool.DisposeAsync();
        // As on a terminal, the handler may print between a text and its newline.
        var counts = log.Records.Where(static r => r.Category == "Console.Out")
            .SelectMany(static r => Regex.Matches(r.Message, "(line|handled) [0-9]+")).CountBy(static match => match.Value).ToDictionary();
        Assert.All(Enumerable.Range(0, lines), i => Assert.Equal(1, counts.GetValueOrDefault($"line {i}")));
        Assert.All(Enumerable.Range(0, handled), i => Assert.Equal(1, counts.GetValueOrDefault($"handled {i}")));
    }

    [Theory]
    [InlineData("kmtests:nothing")]
    [InlineData("kmtests:aio_same", Traits = [NeedsAttribute.Trait, "asyncio"])]
    [Repeated]
    public async Task A_cancellation_at_any_moment_hits_its_call_and_no_other(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        var random = new Random(1);
        long before = pool.Statistics.Cancelled;
        int cancelled = 0;
        for (int i = 0; i < Repetitions.Of(quick: 50, atLength: 1000); i++)
        {
            using var cancel = new CancellationTokenSource();
            Task call = pool.CallAsync<object?>(function, PythonArguments.Of(i), null, cancel.Token);
            Task<int> next = pool.CallAsync<int>("kmtests:same", i);
            int turns = random.Next(400);
            for (int turn = 0; turn < turns && !call.IsCompleted; turn++)
                Thread.SpinWait(100);
            await cancel.CancelAsync();
            try
            {
                await call.WaitAsync(Deadline);
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
            Assert.Equal(i, await next.WaitAsync(Deadline));
        }
        Assert.Equal((0L, (long)cancelled), (pool.Statistics.Replaced, pool.Statistics.Cancelled - before));
    }
}
