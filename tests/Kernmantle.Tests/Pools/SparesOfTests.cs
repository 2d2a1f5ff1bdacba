using System.Globalization;
using Kernmantle.Tests.Logging;
using Kernmantle.Victim;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Pools;

/// <summary>The contract holds in workers that another pool has started.</summary>
[SecondStage]
public sealed class TakenWorkerPoolTests() : ProcessPoolContract(WorkerTransport.SharedMemory), IAsyncLifetime
{
    private readonly Dictionary<int, WorkerPool> donors = [];

    public async ValueTask InitializeAsync()
    {
        foreach (int workers in (int[])[1, 2, 3, 4])   // a worker knows its share of the processors
        {
            donors.Add(workers, WorkerPool.Processes(workers, new() { Name = $"donor{workers}", MinWorkers = 0, Spares = workers == 1 ? 2 : 1 }));
            await donors[workers].StartAsync();
        }
        foreach (WorkerPool donor in donors.Values)
            await SparesOfTests.HasAsync(donor, 1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WorkerPool donor in donors.Values)
            await donor.DisposeAsync();
    }

    protected override WorkerPool Create(int workers, Settings settings) =>
        WorkerPool.Processes(workers, settings.In(new ProcessPoolOptions { SparesOf = donors.GetValueOrDefault(workers) }));
}

/// <summary>Workers that another pool has started, and has not used.</summary>
public sealed class SparesOfTests : IAsyncDisposable
{
    /// <summary>In the environment of all processes of one test, and of no others.</summary>
    private const string Mark = "TEST_MARK";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    static SparesOfTests() => Environment.SetEnvironmentVariable("TEST_NOT_PASSED", "1");

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-taken-").FullName;
    private readonly Dictionary<string, string?> environment = new Dictionary<string, string?> { [Mark] = $"{Guid.NewGuid():N}" };

    /// <summary>Whatever a test did: no process of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await WaitAsync(() => Processes().Length == 0);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_second_pool_takes_a_spare_with_its_own_name_log_and_functions_and_the_first_gets_another()
    {
        await using WorkerPool donor = await StartDonorAsync();
        int spare = Assert.Single(Processes());
        using var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "second", Environment = environment, SparesOf = donor, LoggerFactory = log });
        Assert.Equal((spare, "second-1"), await pool.RunAsync(SayHello).WaitAsync(Deadline));
        ListFactory.Entry line = await log.FindAsync(static e => e.Message == "hello");
        Assert.Contains("second-1", $"{line.Scope}", StringComparison.Ordinal);
        await HasAsync(donor, 1);
        Assert.Equal(2, Processes().Length);
        Assert.NotEqual(spare, await donor.RunAsync(Id).WaitAsync(Deadline));
        Assert.Equal(spare, await pool.RunAsync(Id).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Nothing_of_the_first_pools_memory_is_left_in_it()
    {
        await using WorkerPool donor = await StartDonorAsync();
        await using WorkerPool pool = Second(donor);
        int taken = await pool.RunAsync(Id).WaitAsync(Deadline);
        string[] maps = await File.ReadAllLinesAsync($"/proc/{taken}/maps");
        Assert.Single(maps, static m => m.Contains("kernmantle-bell", StringComparison.Ordinal));
        Assert.Single(maps.Where(static m => m.Contains("kernmantle-rings", StringComparison.Ordinal)).Select(static m => m.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]).Distinct());
        Assert.DoesNotContain(Directory.GetFiles($"/proc/{taken}/fd").Select(static f => new FileInfo(f).LinkTarget ?? ""), static t => t.Contains("kernmantle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_second_pool_runs_at_a_workers_start_runs_in_what_it_takes_before_its_calls()
    {
        await using WorkerPool donor = await StartDonorAsync();
        int spare = Assert.Single(Processes());
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Environment = environment, SparesOf = donor, OnWorkerStart = Count });
        Assert.Equal((spare, 1), await pool.RunAsync(static () => (Environment.ProcessId, Starts.Count)).WaitAsync(Deadline));
        await using WorkerPool failing = WorkerPool.Processes(1, new() { Environment = environment, SparesOf = donor, OnWorkerStart = Fail, RestartLimit = 0 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => failing.RunAsync(Id).WaitAsync(Deadline));
        Assert.Contains("on purpose", broken.ToString(), StringComparison.Ordinal);
        Assert.Equal(PoolState.Running, donor.State);
    }

    [Fact]
    public async Task A_worker_that_has_run_a_call_is_never_taken()
    {
        await using WorkerPool donor = WorkerPool.Processes(1, new() { Environment = environment, Spares = 1 });
        int used = await donor.RunAsync(static () => Starts.Count = 7).WaitAsync(Deadline) == 7 ? await donor.RunAsync(Id) : 0;
        await HasAsync(donor, 1);
        for (int i = 0; i < 4; i++)
        {
            await using WorkerPool pool = WorkerPool.Processes(1, new() { Environment = environment, SparesOf = donor });
            (int id, int starts) = await pool.RunAsync(static () => (Environment.ProcessId, Starts.Count++)).WaitAsync(Deadline);
            Assert.NotEqual(used, id);
            Assert.Equal(0, starts);
        }
        Assert.Equal((used, 7), await donor.RunAsync(static () => (Environment.ProcessId, Starts.Count)).WaitAsync(Deadline));
    }

    [Fact]
    public void A_pool_that_has_no_spares_to_give_away_is_refused()
    {
        using WorkerPool threads = WorkerPool.Threads(1), none = WorkerPool.Processes(1), used = WorkerPool.Processes(1, new() { Spares = 1, OnWorkerStart = Count });
        foreach ((WorkerPool donor, string why) in ((WorkerPool, string)[])[(threads, "no pool of processes"), (none, nameof(ProcessPoolOptions.Spares)), (used, nameof(ProcessPoolOptions.OnWorkerStart))])
            Assert.Contains(why, Assert.Throws<ArgumentException>(() => Second(donor)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Differences => new()
    {
        { "environment", "TEST_OTHER" },
        { "directory", "the working directory" },
        { "heap", "DOTNET_GC" },
        { "rings", "KERNMANTLE_WORKER" },
        { "share", "PROCESSOR_COUNT" },
        { "passed", "the environment variable" },
        { "transport", "" },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task A_spare_that_was_started_otherwise_is_not_taken(string what, string named)
    {
        await using WorkerPool donor = await StartDonorAsync();
        int spare = Assert.Single(Processes());
        using var log = new ListFactory();
        ProcessPoolOptions options = new()
        {
            SparesOf = donor,
            LoggerFactory = log,
            Environment = new Dictionary<string, string?>(environment)
            {
                [what == "environment" ? "TEST_OTHER" : Mark] = environment[Mark],
                [what == "share" ? "DOTNET_PROCESSOR_COUNT" : Mark] = what == "share" ? "7" : environment[Mark],
            },
            WorkingDirectory = what == "directory" ? folder : null,
            ManagedHeapLimitBytes = what == "heap" ? 64 << 20 : null,
            RingBytes = what == "rings" ? 64 << 10 : 256 << 10,
            PassedVariables = what == "passed" ? [] : null,
            Transport = what == "transport" ? WorkerTransport.Socket : WorkerTransport.SharedMemory,
        };
        await using WorkerPool pool = WorkerPool.Processes(1, options);
        Assert.NotEqual(spare, await pool.RunAsync(Id).WaitAsync(Deadline));
        Assert.Contains(spare, Processes());
        Assert.Equal(1, donor.Statistics.Spares);
        if (named.Length > 0)
            Assert.Contains(named, Assert.Single(log.Entries, static e => e.EventId.Id == 1104).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_this_program_itself_has_changed_since_counts_too()
    {
        await using WorkerPool donor = await StartDonorAsync();
        int spare = Assert.Single(Processes());
        string variable = $"TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, "here");
        try
        {
            await using WorkerPool pool = Second(donor);
            Assert.Equal("here", await pool.RunAsync(Environment.GetEnvironmentVariable, variable).WaitAsync(Deadline));
            Assert.Contains(spare, Processes());
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    [Repeated]
    public async Task A_spare_that_dies_before_or_while_it_is_taken_is_nobodys_failure()
    {
        await using WorkerPool donor = await StartDonorAsync(spares: 2);
        for (int i = 0; i < Repetitions.Of(quick: 6, atLength: 40); i++)
        {
            await HasAsync(donor, 2);
            int[] spares = Processes();
            Task<int> killing = Task.Run(() => Misdeeds.Signal(spares[0], 9));
            await using WorkerPool pool = Second(donor);
            if (i % 2 == 0)
                await killing;
            // Killed once it is the second pool's, it has died there, at its start or in its call: made good as any other.
            CallInvoker retrying = pool.With(new() { Retry = new() { On = FailureKinds.Crash, MaxAttempts = 3, Backoff = TimeSpan.FromMilliseconds(1) } });
            Assert.NotEqual(0, await retrying.RunAsync(Id).WaitAsync(Deadline));
            await killing;
        }
        Assert.NotEqual(PoolState.Broken, donor.State);
    }

    [Fact]
    public async Task What_is_taken_outlives_the_pool_it_came_from_and_ends_with_that_which_has_it()
    {
        WorkerPool donor = await StartDonorAsync();
        int spare = Assert.Single(Processes());
        WorkerPool pool = Second(donor);
        Assert.Equal(spare, await pool.RunAsync(Id).WaitAsync(Deadline));
        await donor.DisposeAsync();
        Assert.Equal([spare], Processes());
        Assert.Equal(spare, await pool.RunAsync(Id).WaitAsync(Deadline));
        Assert.Equal(1 << 20, await pool.RunAsync(static b => b.Length, new byte[1 << 20]).WaitAsync(Deadline));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
        Assert.NotEqual(spare, await pool.RunAsync(Id).WaitAsync(Deadline));   // started, since the other pool has none any more
        await pool.DisposeAsync();
        Assert.Empty(Processes());
    }

    [Fact]
    public async Task A_pool_with_a_fresh_worker_for_each_call_takes_them_and_so_do_its_spares()
    {
        await using WorkerPool donor = await StartDonorAsync(spares: 2);
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Environment = environment, SparesOf = donor, Spares = 1, Recycling = new() { Calls = 1 } });
        HashSet<int> seen = [];
        for (int i = 0; i < 8; i++)
            Assert.True(seen.Add(await pool.RunAsync(Id).WaitAsync(Deadline)));
        await HasAsync(pool, 1);
        int[] before = Processes();
        await using WorkerPool third = Second(pool);
        int handedOnTwice = await third.RunAsync(Id).WaitAsync(Deadline);
        Assert.Contains(handedOnTwice, before);
        Assert.DoesNotContain(handedOnTwice, seen);
    }

    [Fact]
    public async Task A_death_in_the_second_pool_is_told_there_and_costs_the_first_nothing()
    {
        await using WorkerPool donor = await StartDonorAsync();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "second", Environment = environment, SparesOf = donor });
        WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
        Assert.Equal((7, "second-1"), (crash.ExitCode, crash.WorkerName));
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
        Assert.NotEqual(0, await pool.RunAsync(Id).WaitAsync(Deadline));
        Assert.Equal((2, 0), (pool.Statistics.Replaced, donor.Statistics.Replaced));
        Assert.Equal(PoolState.Running, donor.State);
    }

    [Fact]
    [Repeated]
    public async Task Either_pool_may_be_disposed_of_while_a_worker_is_taken()
    {
        for (int i = 0; i < Repetitions.Of(quick: 8, atLength: 60); i++)
        {
            WorkerPool donor = await StartDonorAsync();
            WorkerPool pool = Second(donor);
            Task start = pool.StartAsync();
            using var both = new Barrier(2);
            bool donorFirst = i % 2 == 0;
            Task first = Task.Run(async () =>
            {
                both.SignalAndWait();
                await (donorFirst ? donor : pool).DisposeAsync();
            });
            both.SignalAndWait();
            if (donorFirst)
                await start.WaitAsync(Deadline);   // the pool that is there has a worker, from wherever
            else
                await Record.ExceptionAsync(() => start.WaitAsync(Deadline));
            await first.WaitAsync(Deadline);
            await (donorFirst ? pool : donor).DisposeAsync().AsTask().WaitAsync(Deadline);
            Assert.Empty(Processes());
        }
    }

    [Fact]
    [Repeated]
    public async Task Many_pools_at_once_share_one_reserve()
    {
        await using WorkerPool donor = await StartDonorAsync(spares: 3);
        for (int i = 0; i < Repetitions.Of(quick: 2, atLength: 15); i++)
        {
            int[] ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
            {
                await using WorkerPool pool = Second(donor);
                int[] same = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => pool.RunAsync(Id))).WaitAsync(Deadline);
                return Assert.Single(same.Distinct());
            }));
            Assert.Equal(6, ids.Distinct().Count());
        }
    }

    internal static async Task HasAsync(WorkerPool pool, int spares) => await WaitAsync(() => pool.Statistics.Spares >= spares);

    private static int Id() => Environment.ProcessId;

    private static (int Id, string Name) SayHello()
    {
        Console.WriteLine("hello");
        return (Environment.ProcessId, WorkerContext.Current!.Name);
    }

    private static void Count() => Starts.Count++;

    private static void Fail() => throw new InvalidOperationException("on purpose");

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await tick.WaitForNextTickAsync(deadline.Token);
    }

    private WorkerPool Second(WorkerPool donor) => WorkerPool.Processes(1, new() { Environment = environment, SparesOf = donor });

    private async Task<WorkerPool> StartDonorAsync(int spares = 1)
    {
        WorkerPool donor = WorkerPool.Processes(1, new() { Name = "donor", Environment = environment, MinWorkers = 0, Spares = spares, RestartLimit = int.MaxValue });
        await donor.StartAsync().WaitAsync(Deadline);
        await HasAsync(donor, spares);
        return donor;
    }

    /// <summary>Those of this test that live.</summary>
    private int[] Processes()
    {
        List<int> found = [];
        foreach (string process in Directory.GetDirectories("/proc").Where(static p => int.TryParse(Path.GetFileName(p), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "environ")).Contains($"{Mark}={environment[Mark]}\0", StringComparison.Ordinal))
                    found.Add(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is somebody else's.
            }
        }
        return [.. found];
    }

    private static class Starts
    {
        public static int Count { get; set; }
    }
}
