using Kernmantle.Victim;

namespace Kernmantle.Tests.Diagnostics;

/// <summary>What is taken from a worker before it is killed for a timeout.</summary>
public sealed class EvidenceTests
{
    /// <summary>Long enough for a machine that is busy with other tests.</summary>
    private static readonly TimeSpan Generous = TimeSpan.FromMinutes(1), Short = TimeSpan.FromMilliseconds(50);

    /// <summary>For tests that look for the function on the stack: by then it runs, on a slow machine too, if its worker has run it before.</summary>
    private static readonly TimeSpan LongEnoughToBegin = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timeout_says_where_the_function_was()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Evidence = new() { Budget = Generous } });
        int id = await pool.RunAsync(Loop, false);
        CallTimeoutException late = await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = LongEnoughToBegin }).RunAsync(Loop, true));
        Assert.True(late.Stacks!.Contains($"{nameof(EvidenceTests)}.{nameof(Loop)}", StringComparison.Ordinal), late.Stacks);
        Assert.Null(late.DumpFile);
        Assert.NotEqual(id, await pool.RunAsync(static () => Environment.ProcessId));
        await GoneAsync(id);
    }

    [Fact]
    public async Task A_single_worker_says_it_too()
    {
        Worker worker = Worker.OnProcess("late", Misdeeds.LoopForEver, new() { Timeout = 3 * LongEnoughToBegin, Evidence = new() { Budget = Generous } });
        worker.Start();
        WorkerExit exit = await worker.Completion;
        Assert.Equal(WorkerExitReason.TimedOut, exit.Reason);
        Assert.Contains(nameof(Misdeeds.LoopForEver), Assert.IsType<CallTimeoutException>(exit.Exception).Stacks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_is_written_where_it_is_asked_for()
    {
        string folder = Directory.CreateTempSubdirectory("kernmantle-dump-").FullName;
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Evidence = new() { Budget = Generous, Stacks = false, DumpFolder = folder } });
        CallTimeoutException late = await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = Short }).RunAsync(Misdeeds.LoopForEver));
        Assert.Equal([late.DumpFile], Directory.GetFiles(folder));
        Assert.True(new FileInfo(late.DumpFile!).Length > 1 << 20);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(late.DumpFile!) & (UnixFileMode)0x1FF);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Nothing_is_taken_where_nothing_is_wanted()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Evidence = null });
        CallTimeoutException late = await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = Short }).RunAsync(Misdeeds.LoopForEver));
        Assert.Null(late.Stacks);
    }

    [Fact]
    public async Task A_budget_that_is_too_short_says_so_and_the_worker_is_killed_all_the_same()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Evidence = new() { Budget = TimeSpan.FromMilliseconds(10) } });
        int id = await pool.RunAsync(static () => Environment.ProcessId);
        CallTimeoutException late = await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = Short }).RunAsync(Misdeeds.LoopForEver));
        Assert.Contains("could not be taken", late.Stacks, StringComparison.Ordinal);
        Assert.Equal(1, await pool.RunAsync(static () => 1));
        await GoneAsync(id);
    }

    [Fact]
    public async Task A_pool_that_is_disposed_of_while_evidence_is_taken_ends()
    {
        for (int i = 0; i < 5; i++)
        {
            Task late;
            int id;
            await using (WorkerPool pool = WorkerPool.Processes(1, new() { DrainTimeout = TimeSpan.FromMilliseconds(60) }))
            {
                id = await pool.RunAsync(static () => Environment.ProcessId);
                late = pool.With(new() { Timeout = Short }).RunAsync(Misdeeds.LoopForEver);
            }
            Assert.True(await Record.ExceptionAsync(() => late) is CallTimeoutException or ObjectDisposedException);
            await GoneAsync(id);
        }
    }

    private static int Loop(bool forEver)
    {
        while (forEver)
        {
        }
        return Environment.ProcessId;
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<DirectoryNotFoundException>(static () => WorkerPool.Processes(1, new() { Evidence = new() { DumpFolder = "/no/such/folder" } }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerPool.Processes(1, new() { Evidence = new() { Budget = TimeSpan.Zero } }));
    }

    /// <summary>Reaped, not only dead: who is killed while another process looks at it stays as a zombie.</summary>
    private static async Task GoneAsync(int process)
    {
        using var deadline = new CancellationTokenSource(Generous);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Directory.Exists($"/proc/{process}"))
            await tick.WaitForNextTickAsync(deadline.Token);
    }
}
