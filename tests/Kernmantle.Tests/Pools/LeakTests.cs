using Kernmantle.Victim;

namespace Kernmantle.Tests.Pools;

/// <summary>Pools that lived, crashed and were killed leave nothing: no process, zombie, descriptor, or file.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

[Collection(typeof(Alone))]
public sealed class LeakTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    [Repeated]
    public async Task Nothing_is_left()
    {
        await CycleAsync();   // what the runtime opens once and keeps
        int files = Descriptors();
        string[] shared = SharedMemory(), sockets = RuntimeSockets();
        HashSet<int> workers = [];
        for (int i = 0; i < Repetitions.Of(quick: 5, atLength: 10); i++)
            workers.UnionWith(await CycleAsync());
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (workers.Any(static pid => Directory.Exists($"/proc/{pid}")) || Descriptors() > files + 3)
            Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
        Assert.Equal(shared, SharedMemory());
        Assert.DoesNotContain(RuntimeSockets().Except(sockets), s => workers.Any(pid => s.Contains($"-{pid}-", StringComparison.Ordinal)));
    }

    /// <summary>The end of a pool overtakes threads that copy arguments for its workers: what they had taken for that would be nobody's.</summary>
    [Fact]
    [Repeated]
    public async Task A_pool_that_is_killed_while_calls_are_handed_over_gives_all_memory_back()
    {
        int before = Segments();
        byte[][] arguments = [new byte[200_000], new byte[1 << 20], new byte[3 << 20]];
        for (int i = 0; i < Repetitions.Of(quick: 30, atLength: 100); i++)
        {
            await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory, KillGrace = TimeSpan.Zero });
            await pool.StartAsync();
            Task<int>[] calls = [.. Enumerable.Range(0, 60).Select(n => Task.Run(() => pool.RunAsync(static (byte[] bytes) => bytes.Length, arguments[n % arguments.Length])))];
            await Task.WhenAny(calls);   // others are on their way
            await pool.KillAsync();
            Exception?[] ends = await Task.WhenAll(calls.Select(static c => Record.ExceptionAsync(() => c).AsTask())).WaitAsync(Deadline);
            Assert.All(ends, static e => Assert.True(e is null or ObjectDisposedException, $"{e}"));
        }
        await Contracts.Waiting.Until(() => Segments() <= before, $"no more than {before} segments are mapped", Deadline);
    }

    /// <summary>What is nobody's is given back by the collector, unless somebody holds it.</summary>
    private static int Segments()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return File.ReadLines("/proc/self/maps").Count(static line => line.Contains("kernmantle-segment", StringComparison.Ordinal));
    }

    private static async Task<int[]> CycleAsync()
    {
        await using WorkerPool donor = WorkerPool.Processes(2, new() { MinWorkers = 0, Spares = 1 });
        await donor.StartAsync();
        await SparesOfTests.HasAsync(donor, 1);
        await using WorkerPool pool = WorkerPool.Processes(2, new() { SparesOf = donor });
        int[] workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.RunAsync(static () => Environment.ProcessId)));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven));
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).RunAsync(Misdeeds.LoopForEver));
        return [.. workers, .. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.RunAsync(static () => Environment.ProcessId)))];
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static string[] SharedMemory() =>
        Directory.Exists("/dev/shm") ? [.. Directory.GetFileSystemEntries("/dev/shm").Where(static f => f.Contains("ernmantle", StringComparison.Ordinal)).Order()] : [];

    private static string[] RuntimeSockets() => Directory.GetFileSystemEntries(Path.GetTempPath(), "dotnet-diagnostic-*");
}
