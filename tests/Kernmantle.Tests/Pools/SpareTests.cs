using System.Collections.Concurrent;
using Kernmantle.Victim;

namespace Kernmantle.Tests.Pools;

/// <summary>The contract holds with workers in reserve too.</summary>
[SecondStage]
public sealed class SparePoolTests() : ProcessPoolContract(WorkerTransport.SharedMemory)
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Processes(workers, settings.In(new ProcessPoolOptions { Spares = 1 }));
}

/// <summary>Workers in reserve.</summary>
public sealed class SpareTests : IDisposable
{
    /// <summary>Where <see cref="Misdeeds"/> are.</summary>
    private static readonly string Library = Path.GetFileName(typeof(Misdeeds).Assembly.Location);

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-spares-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_spare_takes_the_place_of_a_worker_that_was_killed_and_is_itself_replaced()
    {
        await using WorkerPool pool = await StartAsync(new() { Spares = 1 });
        HashSet<int> seen = [await pool.RunAsync(Id)];
        for (int i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
            Assert.True(seen.Add(await pool.RunAsync(Id).WaitAsync(Deadline)));
            await HasAsync(pool, spares: 1);
        }
        Assert.Equal(5, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_spare_is_there_before_the_worker_it_replaces_dies()
    {
        await using WorkerPool pool = await StartAsync(new() { Spares = 1, OnWorkerStart = NoteStart, Environment = new Dictionary<string, string?> { [StartsFolder] = NewFolder() } });
        string starts = await pool.RunAsync(static () => Environment.GetEnvironmentVariable(StartsFolder)!);
        string[] both = StartsIn(starts);
        Assert.Equal(2, both.Length);
        string spare = Assert.Single(both.Except([$"{await pool.RunAsync(Id)}"]));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
        Assert.Equal(spare, $"{await pool.RunAsync(Id)}");
    }

    [Fact]
    public async Task A_spare_that_is_there_makes_ready_what_the_others_are_called_with_later()
    {
        await using WorkerPool pool = await StartAsync(new() { Spares = 1, OnWorkerStart = NoteStart, Environment = new Dictionary<string, string?> { [StartsFolder] = NewFolder() } });
        string starts = await pool.RunAsync(static () => Environment.GetEnvironmentVariable(StartsFolder)!);
        string spare = Assert.Single(StartsIn(starts).Except([$"{await pool.RunAsync(Id)}"]));
        Assert.DoesNotContain(Library, await File.ReadAllTextAsync($"/proc/{spare}/maps"), StringComparison.Ordinal);
        Assert.Equal(0, await pool.RunAsync(Misdeeds.Signal, Environment.ProcessId, 0).WaitAsync(Deadline));
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!(await File.ReadAllTextAsync($"/proc/{spare}/maps", deadline.Token)).Contains(Library, StringComparison.Ordinal))
            await tick.WaitForNextTickAsync(deadline.Token);
    }

    [Fact]
    public async Task A_name_belongs_to_one_living_worker_at_a_time()
    {
        await using WorkerPool pool = await StartAsync(new() { Spares = 1 }, workers: 2);
        for (int i = 0; i < 3; i++)
        {
            WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(ExitWithName).WaitAsync(Deadline));
            Assert.EndsWith($"-{failure.ExitCode}", failure.WorkerName, StringComparison.Ordinal);
            await HasAsync(pool, spares: 1);
            ConcurrentBag<string> names = [];
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => names.Add(await pool.RunAsync(static () => WorkerContext.Current!.Name)))).WaitAsync(Deadline);
            Assert.DoesNotContain(names, static n => n is not ("pool-1" or "pool-2" or "pool-3"));
        }
    }

    [Fact]
    public async Task A_spare_that_dies_is_replaced_and_counts_as_a_death_while_idle()
    {
        string starts = NewFolder();
        await using WorkerPool pool = await StartAsync(new() { Spares = 1, RestartLimit = 1, OnWorkerStart = NoteStart, Environment = new Dictionary<string, string?> { [StartsFolder] = starts } });
        string[] started = StartsIn(starts);
        await AbortAsync(int.Parse(Assert.Single(started.Except([$"{await pool.RunAsync(Id)}"])), null));
        while (StartsIn(starts).Length < 3)
            await Task.Yield();
        await HasAsync(pool, spares: 1);
        await AbortAsync(int.Parse(Assert.Single(StartsIn(starts).Except(started)), null));
        PoolBrokenException broken;
        while (true)
        {
            try
            {
                await pool.RunAsync(Id).WaitAsync(Deadline);
            }
            catch (PoolBrokenException e)
            {
                broken = e;
                break;
            }
        }
        Assert.Equal(2, broken.Restarts);
    }

    [Fact]
    public async Task A_pool_that_has_spares_only_and_has_broken_tries_a_spare_and_heals()
    {
        string starts = NewFolder();
        await using WorkerPool pool = await StartAsync(new()
        {
            MinWorkers = 0,
            Spares = 1,
            RestartLimit = 0,
            HealAfter = TimeSpan.FromMilliseconds(1),
            OnWorkerStart = NoteStart,
            Environment = new Dictionary<string, string?> { [StartsFolder] = starts },
        });
        string[] first = StartsIn(starts);
        await AbortAsync(int.Parse(Assert.Single(first), null));
        while (StartsIn(starts).Length < 2)
            await Task.Yield();
        await HasAsync(pool, spares: 1);
        Assert.Equal(PoolState.Running, pool.State);
        Assert.Contains($"{await pool.RunAsync(Id).WaitAsync(Deadline)}", StartsIn(starts).Except(first));
    }

    [Fact]
    [Repeated]
    public async Task A_pool_that_is_disposed_of_while_its_spares_start_leaves_none()
    {
        for (int i = 0; i < Repetitions.Of(quick: 4, atLength: 10); i++)
        {
            string starts = NewFolder();
            await using (WorkerPool pool = WorkerPool.Processes(1, new() { Spares = 3, OnWorkerStart = NoteStart, Environment = new Dictionary<string, string?> { [StartsFolder] = starts } }))
                Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
            foreach (string id in StartsIn(starts))
                await GoneAsync(id);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void A_number_of_spares_that_cannot_be_is_refused(int spares) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Processes(1, new() { Spares = spares }));

    private const string StartsFolder = "TEST_STARTS_FOLDER";

    private static void NoteStart() => File.Create(Path.Combine(Environment.GetEnvironmentVariable(StartsFolder)!, $"{Environment.ProcessId}")).Dispose();

    private static string[] StartsIn(string starts) => [.. Directory.GetFiles(starts).Select(static file => Path.GetFileName(file))];

    private static int Id() => Environment.ProcessId;

    private static void ExitWithName() => Environment.Exit(int.Parse(WorkerContext.Current!.Name.Split('-')[^1], null));

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(folder, $"{Guid.NewGuid():N}")).FullName;

    /// <summary>Not by a signal that others send, which counts for little. The runtime lets the first SIGABRT from outside pass.</summary>
    private static async Task AbortAsync(int process)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Misdeeds.Signal(process, 6) == 0)
            await tick.WaitForNextTickAsync(deadline.Token);
    }

    private static async Task<WorkerPool> StartAsync(ProcessPoolOptions options, int workers = 1)
    {
        WorkerPool pool = WorkerPool.Processes(workers, options);
        await pool.StartAsync().WaitAsync(Deadline);
        await HasAsync(pool, options.Spares);
        return pool;
    }

    private static async Task GoneAsync(string process)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Directory.Exists($"/proc/{process}"))
            Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
    }

    private static async Task HasAsync(WorkerPool pool, int spares)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (pool.Statistics.Spares != spares)
            await tick.WaitForNextTickAsync(deadline.Token);
    }
}
