using System.Reflection;
using System.Reflection.Emit;
using Kernmantle.Logging;
using Kernmantle.Scheduling.Watching;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Inspection;

/// <summary>What a snapshot says of pools, workers, calls, functions, deaths and the log.</summary>
public sealed class SnapshotTests : InspectionTests
{
    [Fact]
    public async Task A_worker_is_shown_with_its_process_its_call_and_what_it_uses()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name, Limits = new() { MemoryBytes = 1L << 30 } });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("idle", null), (Worker.State, Worker.Call?.Name));
        Task<int> held = pool.With(new() { Name = "held" }).RunAsync(static (gate, token) => HoldAsync(gate, token), Gate, CancellationToken.None);
        await IsHeldAsync();

        ProgramSnapshot program = Inspector.Take();
        PoolSnapshot shown = program.Pools.Single(each => each.Name == Name);
        WorkerSnapshot worker = Assert.Single(shown.Workers);
        Assert.Equal(Environment.ProcessId, program.ProcessId);
        Assert.Equal(("processes", PoolState.Running, 1, 0), (shown.Kind, shown.State, shown.Running, shown.Queued));
        Assert.Equal(($"{Name}-1", "busy", "held", 1, 1L << 30), (worker.Name, worker.State, worker.Call?.Name, worker.Running, worker.MemoryLimitBytes));
        Assert.InRange(worker.MemoryBytes!.Value, 1 << 20, 1 << 30);
        Assert.True(worker.CpuSeconds > 0 && worker.AgeSeconds > 0);
        CallSnapshot call = Assert.Single(program.Running, call => call.Pool == Name);
        Assert.Equal((worker.Call!.Id, "held", worker.Name, 1, 1), (call.Id, call.Name, call.Worker, call.Attempt, call.Items));
        await Until(() => Worker.Call!.Seconds > call.Seconds, "it gets on");

        Release();
        Assert.Equal(worker.ProcessId, await held);
        Assert.Equal(("idle", null, 1), (Worker.State, Worker.Call?.Name, Worker.Calls));
    }

    [Fact]
    public async Task A_death_is_shown_with_its_evidence()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.With(new() { Name = "leaves" }).RunAsync(static () =>
        {
            Console.WriteLine("the last thing that it says");
            Environment.Exit(7);
        }));
        DeathSnapshot death = Assert.Single(Inspector.Take().Deaths, each => each.Pool == Name);
        Assert.Equal(($"{Name}-1", "Exited", 7, null, "leaves"), (death.Worker, death.Reason, death.ExitCode, death.Signal, death.Call));
        Assert.Contains("the last thing that it says", death.LastLogLines);
        Assert.Contains("leaves", death.Message, StringComparison.Ordinal);
        Assert.NotEmpty(death.LikelyCauses);
        Assert.Equal((death.Message, death.At), (Worker.LastDeath, Worker.LastDeathAt));
    }

    [Fact]
    public async Task A_call_that_was_killed_for_its_timeout_shows_what_it_was_doing()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name, Evidence = new() { Budget = TimeSpan.FromMinutes(1) } });
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(50) }).RunAsync(static () => SleepForEver()));
        DeathSnapshot death = Assert.Single(Inspector.Take().Deaths, each => each.Pool == Name);
        Assert.Equal("Timeout", death.Reason);
        Assert.Contains(nameof(SleepForEver), death.Stacks, StringComparison.Ordinal);
    }

    private static void SleepForEver() => Thread.Sleep(Timeout.Infinite);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Functions_are_counted_and_timed_while_somebody_looks(bool inProcesses)
    {
        await using WorkerPool pool = inProcesses ? WorkerPool.Processes(1, new() { Name = Name }) : WorkerPool.Threads(1, new() { Name = Name });
        await RunAsync(pool, failing: false);
        Assert.Empty(Pool.Functions);
        using (Inspector.Look())
        {
            for (int i = 0; i < 10; i++)
                await RunAsync(pool, failing: i >= 7);
        }
        await RunAsync(pool, failing: true);

        FunctionSnapshot function = Assert.Single(Pool.Functions);
        Assert.Contains(nameof(SnapshotTests), function.Name, StringComparison.Ordinal);
        Assert.Equal((7, 3, 0), (function.Completed, function.Failed, function.Cancelled));
        Assert.InRange(function.Histogram.Sum(static part => part.Calls), inProcesses ? 1 : 10, 10);   // of very short calls, not every one is timed
        Assert.True(function.P50 > 0 && function.P50 <= function.P90 && function.P90 <= function.P99 && function.P99 <= function.Longest && function.Longest <= function.TotalSeconds);
    }

    private static async Task RunAsync(WorkerPool pool, bool failing)
    {
        Task<int> call = pool.RunAsync(static fails => fails ? throw new InvalidOperationException("as asked") : 1, failing);
        if (failing)
            await Assert.ThrowsAsync<RemoteException>(() => call);
        else
            Assert.Equal(1, await call);
    }

    [Fact]
    public async Task Items_of_a_map_count_as_calls()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Name = Name });
        using (Inspector.Look())
        {
            int sum = 0;
            await foreach (MapResult<int, int> item in pool.MapAsync(static n => n % 100 == 0 ? throw new InvalidOperationException("as asked") : n, Enumerable.Range(0, 1000)))
                sum += item.IsSuccess ? 1 : 0;
            Assert.Equal(990, sum);
        }
        FunctionSnapshot function = Assert.Single(Pool.Functions);
        Assert.Equal((990, 10), (function.Completed, function.Failed));
        Assert.Equal(1000, Pool.Workers.Sum(static worker => worker.Calls));
    }

    [Fact]
    public async Task There_are_figures_of_so_many_functions_and_one_for_the_others()
    {
        const int More = 20;
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = Name });
        using (Inspector.Look())
        {
            foreach (Func<int> function in Functions(CallFigures.MaxFunctions + More))
                await pool.RunAsync(function);
        }
        IReadOnlyList<FunctionSnapshot> shown = Pool.Functions;
        Assert.Equal(CallFigures.MaxFunctions + 1, shown.Count);
        Assert.Equal(("(others)", More), (shown[^1].Name, shown[^1].Completed));
        Assert.All(shown.SkipLast(1), static function => Assert.Equal(1, function.Completed));
    }

    private static IEnumerable<Func<int>> Functions(int count)
    {
        TypeBuilder type = AssemblyBuilder.DefineDynamicAssembly(new("Many"), AssemblyBuilderAccess.Run).DefineDynamicModule("Many").DefineType("Many", TypeAttributes.Public);
        for (int i = 0; i < count; i++)
        {
            ILGenerator code = type.DefineMethod($"F{i}", MethodAttributes.Public | MethodAttributes.Static, typeof(int), []).GetILGenerator();
            code.Emit(OpCodes.Ldc_I4, i);
            code.Emit(OpCodes.Ret);
        }
        return type.CreateType().GetMethods(BindingFlags.Static | BindingFlags.Public).Select(static method => method.CreateDelegate<Func<int>>());
    }

    [Fact]
    public void Times_read_from_a_histogram_are_within_an_eighth()
    {
        var latencies = new Latencies();
        for (int microseconds = 1; microseconds <= 10_000; microseconds++)
            latencies.Add(TimeSpan.FromMicroseconds(microseconds), 1);
        foreach (double part in (double[])[0.01, 0.1, 0.5, 0.9, 0.99, 1])
            Assert.InRange(latencies.Quantile(part) / (part * 10_000e-6), 0.875, 1.125);
        Assert.Equal((10_000, TimeSpan.FromMilliseconds(10)), (latencies.Count, latencies.Longest));
        Assert.Equal(10_000, latencies.Powers().Sum(static part => part.Calls));
        latencies.Add(TimeSpan.Zero, 1);
        latencies.Add(TimeSpan.FromDays(100), 1);
        Assert.Equal(10_002, latencies.Powers().Sum(static part => part.Calls));
        Assert.Equal(0, new Latencies().Quantile(0.5));
        Assert.Empty(new Latencies().Powers());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_log_is_shown_with_pool_worker_and_level_whatever_the_filters_say(bool inProcesses)
    {
        using ILoggerFactory silent = KernmantleLog.CreateConsole(TextWriter.Null, minimum: LogLevel.None);
        await using WorkerPool pool = inProcesses ? WorkerPool.Processes(1, new() { Name = Name, LoggerFactory = silent }) : WorkerPool.Threads(1, new() { Name = Name, LoggerFactory = silent });
        long before = Inspector.Take().Log is [.., var last] ? last.Number : 0;
        await pool.RunAsync(static () => WorkerContext.Current!.Logger.LogError("from within"));
        await Until(() => Inspector.Take(before).Log.Any(record => record.Text == "from within"), "the record is there");
        LogSnapshot record = Inspector.Take(before).Log.Single(static record => record.Text == "from within");
        Assert.Equal(("Error", Name, $"{Name}-1"), (record.Level, record.Pool, record.Worker));
        Assert.DoesNotContain(Inspector.Take(record.Number).Log, each => each.Number <= record.Number);
    }

    [Fact]
    public void The_log_has_an_end()
    {
        var ring = new LogRing();
        Assert.Empty(ring.After(0));
        for (int i = 1; i <= LogRing.Capacity + 500; i++)
            ring.Add(LogLevel.Information, DateTime.UtcNow, "Kernmantle.Pool.some", null, null, 0, i == 501 ? new('x', LogRing.MaxText + 1) : $"{i}");
        IReadOnlyList<LogRing.Kept> all = ring.After(0);
        Assert.Equal((LogRing.Capacity, 501, "some", LogRing.MaxText), (all.Count, all[0].Number, all[0].Pool, all[0].Text.Length));
        Assert.Equal(["2499", "2500"], ring.After(2498).Select(static record => record.Text));
        Assert.Empty(ring.After(2500));
        Assert.Empty(ring.After(long.MaxValue - 1));
    }

    [Fact]
    public async Task Its_json_says_the_same()
    {
        await using WorkerPool pool = WorkerPool.Threads(2, new() { Name = Name });
        using (Inspector.Look())
            await pool.RunAsync(static () => 1);
        byte[] json = Inspector.Take().ToJson();
        ProgramSnapshot read = ProgramSnapshot.FromJson(json);
        Assert.Equal(json, read.ToJson());
        Assert.Equal(Name, read.Pools.Single(each => each.Name == Name).Name);
        Assert.DoesNotContain((byte)'\n', json);
        foreach (string wrong in (string[])["", "null", "[]", "{", """{"pools":7}"""])
            Assert.Throws<FormatException>(() => ProgramSnapshot.FromJson(System.Text.Encoding.UTF8.GetBytes(wrong)));
    }

    [Fact]
    public async Task What_has_ended_is_not_shown()
    {
        WorkerPool pool = WorkerPool.Threads(1, new() { Name = Name });
        Assert.Equal(("threads", PoolState.Starting), (Pool.Kind, Pool.State));
        await pool.DisposeAsync();
        Assert.DoesNotContain(Inspector.Take().Pools, each => each.Name == Name);
        Inspector.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Inspector.Take());
        Assert.Throws<ObjectDisposedException>(() => Inspector.Look());
        Assert.Throws<ObjectDisposedException>(() => Inspector.Listen());
        Assert.Throws<ObjectDisposedException>(() => Inspector.KillWorker("1.0.1"));
    }

    [Fact]
    public void It_is_on_while_anybody_wants_it()
    {
        Assert.True(Watch.IsOn);
        Inspector other = Inspector.SwitchOn();
        Inspector.Dispose();
        Assert.True(Watch.IsOn);
        IDisposable look = other.Look(), second = other.Look();
        look.Dispose();
        look.Dispose();
        Assert.True(Watch.SeesCalls);
        second.Dispose();
        Assert.False(Watch.SeesCalls);
        other.Dispose();
        other.Dispose();
        Assert.False(Watch.IsOn);
        Assert.Null(LogRing.Current);
    }

    /// <summary>Neither when it is switched on, nor while somebody looks.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_allocates_nothing_for_it(bool looking)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        using IDisposable? look = looking ? Inspector.Look() : null;
        Run(pool, 2000);
        Assert.Equal(0, Enumerable.Range(0, 20).Min(_ => Run(pool, 1000)));
        Assert.Equal(looking ? 22_000 : 0, Pool.Functions.Sum(static function => function.Completed));
    }

    private static long Run(WorkerPool pool, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            if (pool.Run(static (int a, int b) => a + b, 1, 2) != 3)
                throw new InvalidOperationException("1 + 2 is 3.");
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
