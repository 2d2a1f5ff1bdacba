using Kernmantle.Contracts;
using Kernmantle.Host.Death;
using Kernmantle.Platform.Linux;
using Kernmantle.Tests.Docs;
using Kernmantle.Victim;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kernmantle.Tests.Failures;

/// <summary>Each death by the real thing; what is said of it is what docs/deaths.md has, where a person has read it.</summary>
public sealed class DeathTableTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_table_of_deaths_says_what_the_failures_say()
    {
        List<(string Name, Func<Task<Exception>> Cause)> deaths =
        [
            ("`Environment.Exit(7)` in the call", () => InCall(static p => p.RunAsync(Misdeeds.ExitSeven))),
            ("`exit(9)` in native code", () => InCall(static p => p.RunAsync(Misdeeds.ExitNative))),
            ("`Environment.Exit(3)` in a static constructor", () => InCall(static p => p.RunAsync(Misdeeds.ExitInAStaticConstructor))),
            ("`Environment.FailFast(\"the victim gives up\")`", () => InCall(static p => p.RunAsync(Misdeeds.FailFast))),
            ("`Environment.FailFast(null)`", () => InCall(static p => p.RunAsync(Misdeeds.FailFastWithoutAWord))),
            ("an exception on a thread of the function's own", () => InCall(static p => p.RunAsync(Misdeeds.ThrowElsewhere))),
            ("an exception in an `async void` method", () => InCall(static p => p.RunAsync(Misdeeds.ThrowInAsyncVoid))),
            ("a stack overflow", () => InCall(static p => p.RunAsync(Misdeeds.OverflowTheStack))),
            ("a bad pointer in managed code", () => InCall(static p => p.RunAsync(Misdeeds.WriteAstray))),
            ("a bad pointer in native code", () => InCall(static p => p.RunAsync(Misdeeds.WriteToNull))),
            ("`abort()` in native code", () => InCall(static p => p.RunAsync(Misdeeds.AbortNative))),
            ("SIGTERM from outside", () => BySignal(15)),
            ("SIGKILL from outside", () => BySignal(9)),
            ("SIGINT from outside", () => BySignal(2)),
            ("SIGHUP from outside", () => BySignal(1)),
            ("SIGSEGV from outside", () => BySignal(11)),
            ("SIGABRT from outside", () => BySignal(6)),
            ("SIGKILL by the kernel, out of memory", static () => Task.FromResult<Exception>(new WorkerDeath
            {
                // As DeathDiagnosisTests shows; not every machine lets a test run out of memory.
                WorkerName = "pool-1", ProcessId = 1, LastLines = [], KilledForMemory = true, End = ProcessEnd.Unknown with { Signal = 9 },
            }.ToFailure(null))),
            ("the managed heap's limit, in the call", () => InCall(static p => p.RunAsync(Misdeeds.FillTheHeap), new() { ManagedHeapLimitBytes = 64 << 20 })),
            ("the managed heap's limit, on another thread", () => InCall(static p => p.RunAsync(Misdeeds.FillTheHeapElsewhere), new() { ManagedHeapLimitBytes = 64 << 20 })),
            ("`Limits.CpuTime`", () => InCall(static p => p.RunAsync(Misdeeds.LoopForEver), new() { Limits = new() { CpuTime = TimeSpan.FromMilliseconds(200) } })),
            ("the system's limit of processor time (`ulimit -t`)", () => InCall(static p => p.RunAsync(Misdeeds.KillSelf, 24))),
            ("the system's limit of file sizes (`ulimit -f`)", static async () =>
            {
                string folder = Directory.CreateTempSubdirectory("kernmantle-death-").FullName;
                try
                {
                    await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = NullLoggerFactory.Instance });
                    return await DeathTable.FailureOf(pool.RunAsync(Misdeeds.WriteALargeFile, Path.Combine(folder, "large")));
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            }),
            ("a timeout", () => InCall(static p => p.RunAsync(Misdeeds.LoopForEver), new() { Timeout = TimeSpan.FromMilliseconds(200), Evidence = null })),
            ("a start-up hook that does not exist", static async () =>
            {
                await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = NullLoggerFactory.Instance, RestartLimit = 0, Environment = new Dictionary<string, string?> { ["DOTNET_STARTUP_HOOKS"] = "/no/such/hook.dll" } });
                return (await DeathTable.FailureOf(pool.StartAsync())).InnerException!;
            }),
            ("`OnWorkerStart` that exits", static async () =>
            {
                await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = NullLoggerFactory.Instance, RestartLimit = 0, OnWorkerStart = Misdeeds.ExitSeven });
                return (await DeathTable.FailureOf(pool.StartAsync())).InnerException!;
            }),
        ];
        var rows = new List<string>(DeathTable.Head);
        foreach ((string name, Func<Task<Exception>> cause) in deaths)
            rows.Add(DeathTable.Row(name, await cause()));
        GeneratedSection.Check("deaths.md", "deaths", rows);
    }

    private static async Task<Exception> InCall(Func<WorkerPool, Task> misdeed, ProcessPoolOptions? options = null)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, (options ?? new()).Setting(nameof(options.LoggerFactory), NullLoggerFactory.Instance));
        await pool.StartAsync().WaitAsync(Deadline);
        return await DeathTable.FailureOf(misdeed(pool));
    }

    private static async Task<Exception> BySignal(int signal)
    {
        string folder = Directory.CreateTempSubdirectory("kernmantle-death-").FullName;
        try
        {
            string file = Path.Combine(folder, "begun");
            await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = NullLoggerFactory.Instance });
            int process = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
            Task call = pool.RunAsync(Misdeeds.SignAndWait, file);
            await DeathTable.SignalAsync(process, signal, file, call);
            return await DeathTable.FailureOf(call);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
