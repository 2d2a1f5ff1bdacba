using Kernmantle.Victim;

namespace Kernmantle.Tests.Workers;

/// <summary>The single worker: one handle, two places.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public enum Place
    {
        Thread,
        Process,
    }

    private static Worker<R> On<T, R>(Place place, Func<T, R> function, T argument) =>
        place == Place.Thread ? Worker.OnThread("w", function, argument) : Worker.OnProcess("w", function, argument);

    [Theory]
    [InlineData(Place.Thread)]
    [InlineData(Place.Process)]
    public async Task It_goes_from_created_to_ended_and_says_what_it_used(Place place)
    {
        Worker<int> worker = On(place, static n => n + 1, 41);
        Assert.Equal(("w", WorkerState.Created), (worker.Name, worker.State));
        Assert.Equal([41], worker.Arguments);
        Assert.Throws<InvalidOperationException>(() => worker.Join());
        Assert.Throws<InvalidOperationException>(() => worker.Result);
        worker.Start();
        WorkerExit exit = worker.Join();
        Assert.Equal((WorkerExitReason.Completed, WorkerState.Ended, 42), (exit.Reason, worker.State, worker.Result));
        exit.ThrowIfFailed();
        Assert.Same(exit, await worker.Completion);
        Assert.Same(exit, worker.Join(TimeSpan.Zero));
        Assert.True(exit.WallTime > TimeSpan.Zero && exit.CpuTime > TimeSpan.Zero && exit.VoluntaryContextSwitches is not null && exit.InvoluntaryContextSwitches is not null);
        Assert.Equal(place == Place.Process ? 0 : null, exit.ExitCode);
        Assert.Equal(place == Place.Process, exit.PeakMemoryBytes > 1 << 20);
        Assert.Equal(place == Place.Thread, worker.ProcessId == Environment.ProcessId);
        Assert.Throws<InvalidOperationException>(worker.Start);
    }

    [Theory]
    [InlineData(Place.Thread)]
    [InlineData(Place.Process)]
    public void A_failure_is_in_the_record_and_thrown_by_the_result(Place place)
    {
        Worker<int> worker = On(place, static n => n > 0 ? throw new FormatException("bad") : n, 1);
        worker.Start();
        WorkerExit exit = worker.Join();
        Assert.Equal(WorkerExitReason.Failed, exit.Reason);
        Assert.Equal("System.FormatException", Assert.IsType<RemoteException>(exit.Exception).TypeName);
        Assert.Throws<RemoteException>(() => worker.Result);
        Assert.Throws<RemoteException>(exit.ThrowIfFailed);
    }

    [Theory]
    [InlineData(Place.Thread)]
    [InlineData(Place.Process)]
    public void A_request_to_stop_reaches_the_function(Place place)
    {
        Worker<int> worker = On(place, static _ => WaitHandle.WaitAny([WorkerContext.Current!.StoppingToken.WaitHandle]), 0);
        worker.Start();
        Assert.Null(worker.Join(TimeSpan.Zero));
        worker.RequestStop();
        Assert.NotNull(worker.Join(Deadline));
        Assert.Equal(0, worker.Result);
    }

    [Fact]
    public void A_thread_cannot_be_killed_and_says_so()
    {
        using var gate = new ManualResetEventSlim();
        Worker worker = Worker.OnThread("w", () => gate.Wait());
        worker.Start();
        Assert.Contains("OnProcess", Assert.Throws<NotSupportedException>(worker.Kill).Message, StringComparison.Ordinal);
        gate.Set();
        Assert.NotNull(worker.Join(Deadline));
    }

    [Fact]
    public void A_process_can_be_killed()
    {
        Worker worker = Worker.OnProcess("w", Misdeeds.LoopForEver);
        worker.Start();
        worker.Kill();
        WorkerExit exit = worker.Join(Deadline)!;
        Assert.Equal(WorkerExitReason.Killed, exit.Reason);
        Assert.Throws<WorkerCrashedException>(exit.ThrowIfFailed);
        worker.Kill();   // nothing is left to kill
    }

    [Fact]
    public void A_process_is_ended_at_its_timeout()
    {
        Worker worker = Worker.OnProcess("w", Misdeeds.LoopForEver, new() { Timeout = TimeSpan.FromMilliseconds(100) });
        worker.Start();
        WorkerExit exit = worker.Join(Deadline)!;
        Assert.Equal((WorkerExitReason.TimedOut, (int?)9), (exit.Reason, exit.Signal));
        Assert.IsType<CallTimeoutException>(exit.Exception);
    }

    [Theory]
    [InlineData(nameof(Misdeeds.ExitSeven), WorkerExitReason.Crashed, 7, null)]
    [InlineData(nameof(Misdeeds.FailFast), WorkerExitReason.Crashed, null, 6)]
    [InlineData(nameof(Misdeeds.FillTheHeap), WorkerExitReason.MemoryLimit, 0, null)]
    public void The_record_says_how_a_process_ended(string misdeed, WorkerExitReason reason, int? exitCode, int? signal)
    {
        Action function = misdeed switch
        {
            nameof(Misdeeds.ExitSeven) => Misdeeds.ExitSeven,
            nameof(Misdeeds.FailFast) => Misdeeds.FailFast,
            _ => static () => { Misdeeds.FillTheHeap(); },
        };
        Worker worker = Worker.OnProcess("w", function, new() { ManagedHeapLimitBytes = 64 << 20 });
        worker.Start();
        WorkerExit exit = worker.Join(Deadline)!;
        Assert.Equal(reason, exit.Reason);
        if (reason == WorkerExitReason.Crashed)
            Assert.Equal((exitCode, signal), (exit.ExitCode, exit.Signal));
        Assert.IsAssignableFrom<WorkerException>(exit.Exception);
    }

    [Fact]
    public void Environment_and_directory_are_as_told()
    {
        string folder = Path.GetFullPath(Path.GetTempPath()).TrimEnd('/');
        Worker<string> worker = Worker.OnProcess(
            "w",
            static () => $"{Environment.GetEnvironmentVariable("MINE")}|{Environment.GetEnvironmentVariable("HOME")}|{Environment.CurrentDirectory}|{Environment.GetEnvironmentVariable("DOTNET_STARTUP_HOOKS")}",
            new() { WorkingDirectory = folder, Environment = new Dictionary<string, string?> { ["MINE"] = "yes", ["HOME"] = null } });
        worker.Start();
        Assert.Equal($"yes||{folder}|", worker.Result);
    }

    [Fact]
    public void Bad_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Worker.OnThread("w", static () => { }, new() { StackSizeBytes = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Worker.OnProcess("w", static () => { }, new() { ManagedHeapLimitBytes = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Worker.OnProcess("w", static () => { }, new() { Timeout = TimeSpan.Zero }));
        Assert.Throws<DirectoryNotFoundException>(() => Worker.OnProcess("w", static () => { }, new() { WorkingDirectory = "/no/such/folder" }));
        Assert.Throws<ArgumentException>(() => Worker.OnProcess("w", static () => { }, new() { Environment = new Dictionary<string, string?> { ["A=B"] = "" } }));
        Assert.Throws<ArgumentException>(() => Worker.OnThread("", static () => { }));
        using var stream = new MemoryStream();
        Assert.Throws<NotPortableException>(() => Worker.OnProcess("w", () => stream.Length));
        foreach (Action create in new Action[] { static () => Worker.OnThread("w", static () => ValueTask.CompletedTask), static () => Worker.OnProcess("w", static n => new ValueTask<int>(n), 1) })
            Assert.Contains(".AsTask()", Assert.Throws<NotPortableException>(create).Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("thread")]
    [InlineData("process")]
    public async Task A_foreground_worker_keeps_the_program_alive_and_a_background_one_does_not(string place)
    {
        string victim = Path.Combine(AppContext.BaseDirectory, "Victim");
        string file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        Assert.Equal(0, (await Hosting.Programs.RunAsync(victim, ["worker", place, "foreground", file])).ExitCode);
        Assert.Equal("finished", await File.ReadAllTextAsync(file));
        File.Delete(file);
        Assert.Equal(0, (await Hosting.Programs.RunAsync(victim, ["worker", place, "background", file])).ExitCode);
        Assert.False(File.Exists(file));
    }
}
