using Kernmantle.Victim;
using static Kernmantle.Tests.Failures.Limited;

namespace Kernmantle.Tests.Failures;

/// <summary>The limit of memory, be it watched or the kernel's.</summary>
public sealed class MemoryLimitTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Native_memory_counts(bool controlGroups)
    {
        await using WorkerPool pool = CreatePool(controlGroups);
        var limits = new Limits { MemoryBytes = 128 * MiB };
        MemoryLimitException failure = await Assert.ThrowsAsync<MemoryLimitException>(() =>
            pool.With(new() { Limits = limits }).RunAsync(static n => Misdeeds.FillNativeMemory(n), 2048 * MiB).WaitAsync(Deadline));
        Assert.Equal(limits.MemoryBytes, failure.LimitBytes);
        Assert.True(failure.UsedBytes > 100 * MiB, $"{failure.UsedBytes}");
        Assert.Equal("pool-1", failure.WorkerName);
        await IsWellAsync(pool, replaced: 1);
    }

    [Fact]
    public async Task What_earlier_calls_left_behind_is_told_apart_from_what_the_call_used()
    {
        await using WorkerPool pool = CreatePool(controlGroups: false);
        await pool.RunAsync(static n => Misdeeds.FillNativeMemory(n), 100 * MiB).WaitAsync(Deadline);   // leaks
        MemoryLimitException failure = await Assert.ThrowsAsync<MemoryLimitException>(() =>
            pool.With(new() { Limits = new() { MemoryBytes = 256 * MiB } }).RunAsync(static n => Misdeeds.FillNativeMemory(n), 2048 * MiB).WaitAsync(Deadline));
        Assert.True(failure.UsedBeforeBytes >= 100 * MiB && failure.UsedBeforeBytes < failure.UsedBytes, $"{failure.UsedBeforeBytes} of {failure.UsedBytes}");
        Assert.Contains("of it from before the call", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_kernel_ends_a_worker_that_fills_memory_while_its_host_does_not_look()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { TimeProvider = new Microsoft.Extensions.Time.Testing.FakeTimeProvider() });
        Assert.SkipUnless(HasGroup(pool.EnforcedLimits.Memory), pool.EnforcedLimits.Memory.Detail);
        var options = new CallOptions { Limits = new() { MemoryBytes = 128 * MiB } };
        MemoryLimitException failure = await Assert.ThrowsAsync<MemoryLimitException>(() => pool.With(options).RunAsync(static n => Misdeeds.FillNativeMemory(n), 1024 * MiB).WaitAsync(Deadline));
        Assert.Equal(128 * MiB, failure.LimitBytes);
        Assert.True(failure.UsedBytes > 100 * MiB, $"{failure.UsedBytes}");
    }

    [Fact]
    public async Task A_pool_s_limits_hold_for_calls_that_set_none()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Limits = new() { MemoryBytes = 128 * MiB, OpenFiles = 200 } });
        await Assert.ThrowsAsync<MemoryLimitException>(() => pool.RunAsync(static n => Misdeeds.FillNativeMemory(n), 1024 * MiB).WaitAsync(Deadline));
        await Assert.ThrowsAsync<OpenFilesLimitException>(() => pool.RunAsync(static n => Misdeeds.OpenFiles(n), 500).WaitAsync(Deadline));
        var more = new CallOptions { Limits = new() { MemoryBytes = 1024 * MiB } };
        Assert.Equal(160 * MiB, await pool.With(more).RunAsync(static n => Misdeeds.FillNativeMemory(n), 160 * MiB).WaitAsync(Deadline));
        await Assert.ThrowsAsync<OpenFilesLimitException>(() => pool.With(more).RunAsync(static n => Misdeeds.OpenFiles(n), 500).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_worker_that_earlier_calls_have_filled_is_replaced_and_the_call_not_blamed()
    {
        await using WorkerPool pool = CreatePool();
        Assert.Equal(160 * MiB, await pool.With(new() { Limits = new() { MemoryBytes = 1024 * MiB } }).RunAsync(static n => Misdeeds.FillNativeMemory(n), 160 * MiB).WaitAsync(Deadline));
        Assert.Equal(MiB, await pool.With(new() { Limits = new() { MemoryBytes = 128 * MiB } }).RunAsync(static n => Misdeeds.FillNativeMemory(n), MiB).WaitAsync(Deadline));
        Assert.Equal((1L, 0L), (pool.Statistics.Replaced, pool.Statistics.Failed));
    }

    [Fact]
    public async Task A_retry_may_raise_the_memory_limit()
    {
        await using WorkerPool pool = CreatePool();
        var options = new CallOptions { Limits = new() { MemoryBytes = 64 * MiB }, Retry = RetryPolicy.OnMemory(factor: 2, maxAttempts: 3) };
        Assert.Equal(3, await pool.With(options).RunAsync(FillAndTellAttempt, 160 * MiB).WaitAsync(Deadline));
        MemoryLimitException failure = await Assert.ThrowsAsync<MemoryLimitException>(() => pool.With(options).RunAsync(FillAndTellAttempt, 1024 * MiB).WaitAsync(Deadline));
        Assert.Equal(256 * MiB, failure.LimitBytes);
    }

    [Fact]
    public async Task A_single_worker_is_held_to_its_limits()
    {
        Worker<long> worker = Worker.OnProcess("greedy", static n => Misdeeds.FillNativeMemory(n), 1024 * MiB, new ProcessWorkerOptions { Limits = new() { MemoryBytes = 128 * MiB } });
        worker.Start();
        WorkerExit exit = await worker.Completion.WaitAsync(Deadline);
        Assert.Equal(WorkerExitReason.MemoryLimit, exit.Reason);
        string message = Assert.IsType<MemoryLimitException>(exit.Exception).Message;
        Assert.Contains("Its worker was killed. Raise Limits.MemoryBytes", message, StringComparison.Ordinal);
    }

    private static int FillAndTellAttempt(long bytes)
    {
        Misdeeds.FillNativeMemory(bytes);
        return WorkerContext.Current!.Attempt;
    }
}
