using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Run;
using Kernmantle.Tool.Tests.Compare;

namespace Kernmantle.Tool.Tests.Run;

/// <summary><c>kern run</c> from outside.</summary>
public sealed class RunTests
{
    [Theory]
    [InlineData(ExitCodes.Success, "completed", "Subject.Add", "1", "2")]
    [InlineData(ExitCodes.Success, "\"X\"", "Subject.WaitAsync", "x")]
    [InlineData(ExitCodes.Success, "completed", "Subject.WaitOnceAsync")]
    [InlineData(ExitCodes.Success, "Count: 6", "Subject.Double", """{"name": "a", "count": 3}""")]
    [InlineData(ExitCodes.Success, "300", "Subject.CountAsync", "4")]
    [InlineData(ExitCodes.RunFailed, "System.InvalidOperationException: no x", "Subject.Throw", "x")]
    [InlineData(ExitCodes.RunCrashed, "crashed", "Subject.Overflow", "1")]
    [InlineData(ExitCodes.RunTimedOut, "timed out", "Subject.NeverEnds", "--timeout", "0.3")]
    [InlineData(ExitCodes.RunCpuLimit, "CPU limit", "Subject.NeverEnds", "--cpu", "0.3", "--timeout", "300")]
    [InlineData(ExitCodes.RunMemoryLimit, "memory limit", "Subject.Allocate", "500", "--memory", "64M")]
    public async Task A_method_runs_and_how_it_ended_is_told(int exitCode, string part, params string[] arguments)
    {
        (int code, string output, _) = await RunAsync([Samples.Assembly, .. arguments]);
        Assert.Equal(exitCode, code);
        Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.Contains("peak memory", output, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCodes.Success, "completed", "none")]
    [InlineData(ExitCodes.RunFailed, "exit code        | 3", "exit")]
    [InlineData(ExitCodes.RunFailed, "ValueError", "raise")]
    [InlineData(ExitCodes.RunCrashed, "crashed", "crash")]
    [InlineData(ExitCodes.RunTimedOut, "timed out", "never", "--timeout", "2")]
    [InlineData(ExitCodes.RunCpuLimit, "CPU limit", "use_up")]
    [InlineData(ExitCodes.RunMemoryLimit, "MemoryError", "memory", "--memory", "2G")]
    public async Task A_script_runs_and_how_it_ended_is_told(int exitCode, string part, params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync([Samples.Script, .. arguments]);
        Assert.Equal(exitCode, code);
        Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.Contains($"arguments ['{arguments[0]}']", error, StringComparison.Ordinal);
        // One that was killed, or that died, tells nothing.
        Assert.Equal(exitCode is ExitCodes.RunCrashed or ExitCodes.RunTimedOut or ExitCodes.RunCpuLimit, output.Contains("unknown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_script_that_the_kernel_kills_for_want_of_memory_has_reached_the_memory_limit()
    {
        RunExit exit = await ScriptRun.EndOfAsync(Task.FromException<int>(new MemoryLimitException("killed by the kernel", 0)));
        Assert.Equal((WorkerExitReason.MemoryLimit, "killed by the kernel"), (exit.Reason, exit.Exception?.Message));
    }

    [Fact]
    public async Task The_log_goes_to_standard_error()
    {
        (_, string output, string error) = await RunAsync([Samples.Assembly, "Subject.Print", "hello"]);
        Assert.DoesNotContain("printed", output, StringComparison.Ordinal);
        Assert.Contains("printed hello", error, StringComparison.Ordinal);
        Assert.Contains("complained hello", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reason_has_an_exit_code_of_its_own() =>
        Assert.Equal(Enum.GetValues<WorkerExitReason>().Length, Enum.GetValues<WorkerExitReason>().Select(RunRecord.CodeOf).Distinct().Count());

    [Fact]
    public async Task Ctrl_C_ends_the_worker()
    {
        await using Kern kern = new("run", Samples.Assembly, "Subject.NeverEnds");
        await kern.WaitForWorkersAsync();
        IReadOnlyList<int> workers = kern.Workers();
        kern.Interrupt();
        (int code, _, string error) = await kern.EndAsync();
        Assert.Equal(ExitCodes.Interrupted, code);
        Assert.EndsWith("kern: interrupted.\n", error, StringComparison.Ordinal);
        await Kern.WaitForEndAsync(workers);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments)
    {
        await using Kern kern = new(["run", .. arguments]);
        (int ExitCode, string Output, string Error) end = await kern.EndAsync();
        Assert.Empty(kern.Remains);
        return end;
    }
}
