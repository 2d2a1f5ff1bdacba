using Kernmantle.Victim;
using static Kernmantle.Tests.Failures.Limited;

namespace Kernmantle.Tests.Failures;

/// <summary>Limits that hold: each reached by the real thing, with its own failure and its figures, and what comes after.</summary>
public sealed class LimitTests
{
    [Fact]
    [Repeated]
    public async Task A_worker_that_died_before_its_first_limits_were_set_is_no_failure_of_the_call()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { RestartLimit = int.MaxValue });
        var limits = new Limits { MemoryBytes = 256 * MiB };
        for (int i = 0; i < Repetitions.Of(quick: 12, atLength: 40); i++)
        {
            int process = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
            using var victim = System.Diagnostics.Process.GetProcessById(process);
            victim.Kill();
            Assert.Equal(i, await pool.With(new() { Limits = limits }).RunAsync(static n => n, i).WaitAsync(Deadline));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_within_its_limits_does_not_notice_them(bool controlGroups)
    {
        await using WorkerPool pool = CreatePool(controlGroups);
        var generous = new Limits { MemoryBytes = 1024 * MiB, CpuTime = TimeSpan.FromMinutes(1), OpenFiles = 400, OutputBytes = 10_000, WallTime = Deadline };
        for (int i = 0; i < 20; i++)
            Assert.Equal(MiB, await pool.With(new() { Limits = generous }).RunAsync(static n => Misdeeds.FillNativeMemory(n), MiB).WaitAsync(Deadline));
        await IsWellAsync(pool, replaced: 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Processor_time_counts_and_waiting_does_not(bool controlGroups)
    {
        await using WorkerPool pool = CreatePool(controlGroups);
        var options = new CallOptions { Limits = new() { CpuTime = TimeSpan.FromMilliseconds(500) } };
        CpuLimitException failure = await Assert.ThrowsAsync<CpuLimitException>(() => pool.With(options).RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
        Assert.Equal(TimeSpan.FromMilliseconds(500), failure.Limit);
        Assert.True(failure.Used > failure.Limit);
        Assert.Equal(1, await pool.With(options).RunAsync(WaitASecond).WaitAsync(Deadline));
        await IsWellAsync(pool, replaced: 1);
    }

    /// <summary>Longer than the limits of processor time and of wall time here: the wait is what is tested.</summary>
    private static async Task<int> WaitASecond()
    {
        await Task.Delay(1000);
        return 1;
    }

    [Fact]
    public async Task The_kernel_ends_a_worker_whose_host_does_not_look()
    {
        // A clock whose timers never fire stands for a host that does not get to run.
        await using WorkerPool pool = WorkerPool.Processes(1, new() { TransferTimeout = TimeSpan.FromSeconds(1), TimeProvider = new Microsoft.Extensions.Time.Testing.FakeTimeProvider() });
        var options = new CallOptions { Limits = new() { CpuTime = TimeSpan.FromMilliseconds(10) } };
        CpuLimitException failure = await Assert.ThrowsAsync<CpuLimitException>(() => pool.With(options).RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
        Assert.Equal(TimeSpan.FromMilliseconds(10), failure.Limit);
        Assert.True(failure.Used > failure.Limit);
    }

    [Fact]
    public async Task Threads_are_counted()
    {
        await using WorkerPool pool = CreatePool();
        Assert.SkipUnless(HasGroup(pool.EnforcedLimits.Processes), pool.EnforcedLimits.Processes.Detail);
        var options = new CallOptions { Limits = new() { Processes = 64 } };
        ProcessCountLimitException failure = await Assert.ThrowsAsync<ProcessCountLimitException>(() => pool.With(options).RunAsync(static n => Misdeeds.StartThreads(n), 200).WaitAsync(Deadline));
        Assert.Equal(64, failure.Limit);
        Assert.InRange(failure.Used, 1, 64);
        Assert.Equal(10, await pool.With(options).RunAsync(static n => Misdeeds.StartThreads(n), 10).WaitAsync(Deadline));
        await IsWellAsync(pool, replaced: 1);
    }

    [Fact]
    public async Task Processes_are_counted_and_end_with_their_worker()
    {
        await using WorkerPool pool = CreatePool();
        Assert.SkipUnless(HasGroup(pool.EnforcedLimits.Processes), pool.EnforcedLimits.Processes.Detail);
        string list = Path.GetTempFileName();
        await Assert.ThrowsAsync<ProcessCountLimitException>(() => pool.With(new() { Limits = new() { Processes = 40 } }).RunAsync(StartSleepers, list).WaitAsync(Deadline));
        await IsWellAsync(pool, replaced: 1);
        string[] sleepers = File.ReadAllLines(list);
        Assert.NotEmpty(sleepers);
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (sleepers.Any(IsSleeper))
            Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
        File.Delete(list);
    }

    private static bool IsSleeper(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").StartsWith("sleep", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;   // it has ended
        }
    }

    private static void StartSleepers(string list)
    {
        while (true)
        {
            // setsid: out of the worker's process group, so that only the control group still holds it.
            using var sleeper = System.Diagnostics.Process.Start("setsid", ["sleep", "1000"]);
            File.AppendAllText(list, $"{sleeper.Id}\n");
        }
    }

    [Fact]
    public async Task Open_files_are_counted()
    {
        await using WorkerPool pool = CreatePool();
        var options = new CallOptions { Limits = new() { OpenFiles = 200 } };
        OpenFilesLimitException failure = await Assert.ThrowsAsync<OpenFilesLimitException>(() => pool.With(options).RunAsync(static n => Misdeeds.OpenFiles(n), 500).WaitAsync(Deadline));
        Assert.Equal(200, failure.Limit);
        Assert.InRange(failure.Used, 1, 200);
        Assert.IsType<RemoteException>(failure.InnerException);
        Assert.Equal(10, await pool.With(options).RunAsync(static n => Misdeeds.OpenFiles(n), 10).WaitAsync(Deadline));
        Assert.Equal(500, await pool.RunAsync(static n => Misdeeds.OpenFiles(n), 500).WaitAsync(Deadline));
        await IsWellAsync(pool, replaced: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Output_is_counted(bool native)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance });
        var options = new CallOptions { Limits = new() { OutputBytes = 100_000 } };
        OutputLimitException failure = await Assert.ThrowsAsync<OutputLimitException>(() => pool.With(options).RunAsync(WriteForEver, native).WaitAsync(Deadline));
        Assert.Equal(100_000, failure.LimitBytes);
        Assert.True(failure.UsedBytes > failure.LimitBytes);
        if (!native)
        {
            await Assert.ThrowsAsync<OutputLimitException>(() => pool.With(options).RunAsync(static n => Misdeeds.WriteMuch(n, native: false), 100_100).WaitAsync(Deadline));
            Assert.Equal(100_000, await pool.With(options).RunAsync(static n => Misdeeds.WriteMuch(n, native: false), 100_000).WaitAsync(Deadline));
        }
        await IsWellAsync(pool, replaced: native ? 1 : 2);
    }

    private static void WriteForEver(bool native)
    {
        while (true)
            Misdeeds.WriteMuch(10_000, native);
    }

    [Fact]
    public async Task The_wall_time_is_the_timeout()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Limits = new() { WallTime = TimeSpan.FromMilliseconds(100) } });
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() => pool.RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
        Assert.Equal(TimeSpan.FromMilliseconds(100), failure.Timeout);
        var longer = new CallOptions { Limits = new() { WallTime = Deadline } };
        Assert.Equal(1, await pool.With(longer).RunAsync(WaitASecond).WaitAsync(Deadline));
    }
}
