using Kernmantle.Tests.Hosting;
using Kernmantle.Victim;

namespace Kernmantle.Tests.Failures;

/// <summary>Workers that die: each by the real thing, each with its typed failure and what is known of it.</summary>
public sealed class CrashTests
{
    private const int SigAbort = 6, SigKill = 9, SigSegv = 11, SigXcpu = 24;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task An_exit_is_told_with_its_code()
    {
        WorkerCrashedException crash = await CrashAsync(Misdeeds.ExitSeven);
        Assert.Equal((CrashReason.Exited, (int?)7, (int?)null), (crash.Reason, crash.ExitCode, crash.Signal));
        Assert.Contains("Exit", Assert.Single(crash.LikelyCauses), StringComparison.Ordinal);
        Assert.Equal("Misdeeds.ExitSeven", crash.CallName);
        Assert.StartsWith("pool-", crash.WorkerName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fail_fast_is_told_with_its_words()
    {
        WorkerCrashedException crash = await CrashAsync(Misdeeds.FailFast);
        Assert.Equal((CrashReason.RuntimeAbort, (int?)SigAbort), (crash.Reason, crash.Signal));
        Assert.Contains(crash.LastLogLines, static l => l.Contains("the victim gives up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stack_overflow_is_told()
    {
        WorkerCrashedException crash = await CrashAsync(static () => { Misdeeds.OverflowTheStack(); });
        Assert.Equal((CrashReason.RuntimeAbort, (int?)SigAbort), (crash.Reason, crash.Signal));
        Assert.Contains("stack overflow", crash.LikelyCauses[0], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_write_to_null_in_native_code_is_told()
    {
        WorkerCrashedException crash = await CrashAsync(Misdeeds.WriteToNull);
        Assert.Contains(crash.Reason, new[] { CrashReason.Signal, CrashReason.RuntimeAbort });
        Assert.Contains(crash.Signal, new int?[] { SigSegv, SigAbort });
    }

    [Theory]
    [InlineData(SigKill)]
    [InlineData(SigSegv)]
    public async Task A_signal_from_outside_is_told(int signal)
    {
        WorkerCrashedException crash = await CrashAsync(() => Misdeeds.KillSelf(signal));
        Assert.Equal((CrashReason.Signal, (int?)signal, (int?)null), (crash.Reason, crash.Signal, crash.ExitCode));
    }

    [Fact]
    public async Task An_exception_nobody_catches_is_told()
    {
        WorkerCrashedException crash = await CrashAsync(Misdeeds.ThrowElsewhere);
        Assert.Equal(CrashReason.RuntimeAbort, crash.Reason);
        Assert.Contains(crash.LastLogLines, static l => l.Contains("nobody catches this", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_much_processor_time_is_told()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        CpuLimitException failure = await Assert.ThrowsAsync<CpuLimitException>(() => pool.RunAsync(static () => Misdeeds.KillSelf(SigXcpu)).WaitAsync(Deadline));
        Assert.True(failure.Used > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endless_allocation_meets_the_heap_limit(bool elsewhere)
    {
        const long Limit = 64 << 20;
        await using WorkerPool pool = WorkerPool.Processes(1, new() { ManagedHeapLimitBytes = Limit });
        Action misdeed = elsewhere ? Misdeeds.FillTheHeapElsewhere : static () => { Misdeeds.FillTheHeap(); };
        MemoryLimitException failure = await Assert.ThrowsAsync<MemoryLimitException>(() => pool.RunAsync(misdeed).WaitAsync(Deadline));
        Assert.Equal(Limit, failure.LimitBytes);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Equal(1, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task An_endless_loop_is_killed_at_its_timeout()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.With(new() { Timeout = TimeSpan.FromMilliseconds(100) }).RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
        Assert.False(failure.StillRunning);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Begun_calls_fail_queued_ones_move_and_the_pool_is_back_at_full_capacity()
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        Task[] doomed = [pool.RunAsync(Misdeeds.ExitSeven), pool.RunAsync(Misdeeds.ExitSeven)];
        Task<int>[] queued = [.. Enumerable.Range(0, 20).Select(i => pool.RunAsync(static n => n, i))];
        foreach (Task call in doomed)
            await Assert.ThrowsAsync<WorkerCrashedException>(() => call.WaitAsync(Deadline));
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(queued).WaitAsync(Deadline));

        // Two calls that wait for one another can both begin only on two workers.
        string a = Path.GetTempFileName() + "a", b = Path.GetTempFileName() + "b";
        await Task.WhenAll(pool.RunAsync(Meet, a, b), pool.RunAsync(Meet, b, a)).WaitAsync(Deadline);
        Assert.Equal((2, 2L), (pool.Statistics.Workers, pool.Statistics.Replaced));
    }

    private static async Task Meet(string mine, string other)
    {
        await File.WriteAllTextAsync(mine, "");
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(other))
            await tick.WaitForNextTickAsync();
    }

    [Fact]
    public async Task A_crash_is_repeated_only_where_told()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        var policy = new RetryPolicy { On = FailureKinds.Crash, Backoff = TimeSpan.FromMilliseconds(1) };
        Assert.Equal(2, await pool.With(new() { Retry = policy }).RunAsync(CrashFirst).WaitAsync(Deadline));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(CrashFirst).WaitAsync(Deadline));
    }

    private static int CrashFirst()
    {
        if (WorkerContext.Current!.Attempt == 1)
            Misdeeds.ExitSeven();
        return WorkerContext.Current.Attempt;
    }

    [Fact]
    public async Task A_grandchild_that_holds_the_output_open_does_not_hold_up_the_end()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var grandchild = System.Diagnostics.Process.GetProcessById(await pool.RunAsync(Misdeeds.LeaveAGrandchild));
        try
        {
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
            Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
            Assert.False(grandchild.HasExited);
        }
        finally
        {
            grandchild.Kill();
        }
    }

    [Fact]
    public async Task An_object_dies_with_its_worker_and_can_be_created_again()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await using Remote<List<int>> lost = await pool.CreateAsync(static () => new List<int>());
        await using Remote<List<int>> renewed = await pool.CreateAsync(static () => new List<int>(), new RemoteOptions { Recreate = true });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => renewed.CallAsync(static _ => Misdeeds.ExitSeven()).WaitAsync(Deadline));
        Assert.False(lost.IsAlive);
        StateLostException late = await Assert.ThrowsAsync<StateLostException>(() => lost.CallAsync(static l => l.Count).WaitAsync(Deadline));
        Assert.Equal(7, Assert.IsType<WorkerCrashedException>(late.InnerException).ExitCode);
        Assert.Equal(0, await renewed.CallAsync(static l => l.Count).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Calls_on_an_object_say_for_what_its_worker_was_killed_and_a_key_does_not_lead_them_elsewhere()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { KillGrace = TimeSpan.FromMilliseconds(1) });
        await using Remote<List<int>> list = await pool.CreateAsync(static () => new List<int>());
        for (int key = 0; key < 4; key++)
            Assert.Equal(0, await list.With(new() { Key = key }).CallAsync(static l => l.Count).WaitAsync(Deadline));
        await Assert.ThrowsAsync<CallTimeoutException>(() => list.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).CallAsync(static _ => Misdeeds.LoopForEver()).WaitAsync(Deadline));
        StateLostException late = await Assert.ThrowsAsync<StateLostException>(() => list.CallAsync(static l => l.Count).WaitAsync(Deadline));
        Assert.IsType<CallTimeoutException>(late.InnerException);

        await using Remote<List<int>> second = await pool.CreateAsync(static () => new List<int>());
        using var cancel = new CancellationTokenSource();
        Task endless = second.CallAsync(static _ => Misdeeds.LoopForEver(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless.WaitAsync(Deadline));
        // Cancelled before it began, it takes nothing along.
        try
        {
            Assert.Equal(0, await second.CallAsync(static l => l.Count).WaitAsync(Deadline));
        }
        catch (StateLostException e)
        {
            Assert.Contains("was cancelled, and did not end", Assert.IsType<WorkerCrashedException>(e.InnerException).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The worker stands still while it is told of the call and of the call's end. Which of the two it sees first then is a race: it begins the call, or leaves it.</summary>
    [Theory]
    [Repeated]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task A_call_that_is_cancelled_just_before_it_begins_is_ended_after_the_grace(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { KillGrace = TimeSpan.FromMilliseconds(500), Transport = transport });
        for (int i = 0; i < Repetitions.Of(quick: 4, atLength: 50); i++)
        {
            string worker = $"{await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline)}";
            using var cancel = new CancellationTokenSource();
            await Programs.RunAsync("kill", ["-STOP", worker]);
            Task endless = pool.RunAsync(Misdeeds.LoopForEver, cancel.Token);
            await cancel.CancelAsync();
            await Programs.RunAsync("kill", ["-CONT", worker]);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless.WaitAsync(Deadline));
        }
        Assert.Equal(2, await pool.RunAsync(static () => 2).WaitAsync(Deadline));
    }

    private static async Task<WorkerCrashedException> CrashAsync(Action misdeed)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        Task<int> bystander = pool.RunAsync(static () => 1);
        WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(misdeed).WaitAsync(Deadline));
        Assert.Equal(1, await bystander);
        Assert.Equal(2, await pool.RunAsync(static () => 2).WaitAsync(Deadline));
        return crash;
    }
}
