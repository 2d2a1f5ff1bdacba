using Kernmantle.Diagnostics;

namespace Kernmantle.Tests.Diagnostics;

/// <summary>What a worker's threads are doing, read from outside.</summary>
public sealed class StackCaptureTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromMinutes(1);

    /// <summary>A worker needs no debugger's door for it (docs/platforms.md).</summary>
    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    public async Task The_stack_of_a_function_that_does_not_end_names_it_and_the_worker_goes_on(string debugger)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("kernmantle-stacks-").FullName, "end");
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Environment = new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics_Debugger"] = debugger } });
        int process = await pool.RunAsync(static () => Environment.ProcessId);
        Task<int> call = pool.RunAsync(SpinUntil, file);
        string stacks;
        do
            stacks = await WorkerDiagnostics.CaptureStacksAsync(process, Generous, TestContext.Current.CancellationToken);
        while (!stacks.Contains(nameof(SpinUntil), StringComparison.Ordinal) && !call.IsCompleted);
        Assert.Contains($"{nameof(StackCaptureTests)}.{nameof(SpinUntil)}", stacks, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Assert.Equal(process, await call);
    }

    /// <summary>The helper is killed at every stage of its work; none may leave the process stopped.</summary>
    [Fact]
    [Repeated]
    public async Task A_capture_that_takes_too_long_leaves_the_process_running()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        int process = await pool.RunAsync(static () => Environment.ProcessId);
        await WorkerDiagnostics.WarmUpAsync(TestContext.Current.CancellationToken);
        for (int milliseconds = 1; milliseconds <= 40; milliseconds += Repetitions.Of(quick: 3, atLength: 1))
        {
            Exception? failure = await Record.ExceptionAsync(() => WorkerDiagnostics.CaptureStacksAsync(process, TimeSpan.FromMilliseconds(milliseconds), TestContext.Current.CancellationToken));
            Assert.True(failure is null or CallTimeoutException or WorkerCrashedException, failure?.ToString());
            Assert.Equal(process, await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Generous, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task No_such_process_is_told()
    {
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(static () => WorkerDiagnostics.CaptureStacksAsync(int.MaxValue - 1, Generous));
        Assert.Contains((int.MaxValue - 1).ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_is_written()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("kernmantle-dump-").FullName, "worker.dmp");
        await using WorkerPool pool = WorkerPool.Processes(1);
        int process = await pool.RunAsync(static () => Environment.ProcessId);
        await WorkerDiagnostics.WriteDumpAsync(process, path, Generous, TestContext.Current.CancellationToken);
        Assert.True(new FileInfo(path).Length > 1 << 20);
        File.Delete(path);
    }

    private static int SpinUntil(string file)
    {
        while (!File.Exists(file))
        {
            for (int i = 0; i < 1000; i++)
                Thread.SpinWait(10);
        }
        return Environment.ProcessId;
    }
}
