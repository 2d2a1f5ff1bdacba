using System.Diagnostics;
using System.Globalization;
using Kernmantle.Tests.Pools;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Nobody looks for long at memory in which nothing happens.</summary>
[SecondStage]
[Collection(typeof(Alone))]
public sealed class IdleTests
{
    private const double MostOfACore = 0.001;
    private const double TicksPerSecond = 100;   // USER_HZ, the same everywhere
    private const int Windows = 6;
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_pool_without_calls_uses_no_processor_time()
    {
        string[] others = Pumps();   // of pools that earlier tests have left to the collector
        await using WorkerPool pool = WorkerPool.Processes(2, new ProcessPoolOptions { Transport = WorkerTransport.SharedMemory });
        HashSet<int> workers = [];
        while (workers.Count < 2)
            workers.UnionWith(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => pool.RunAsync(static () => Environment.ProcessId))));
        for (int i = 0; i < 1000; i++)
            Assert.Equal(3, pool.Run(static (int a, int b) => a + b, 1, 2));
        // Of processor time, not of time: other programs change it little. A tick is a hundredth of a second, and two of them are too many: what the
        // runtime does once (tiered code, a late collection) can take them. What would poll does so in every window.
        string own = Assert.Single(Pumps().Except(others));
        List<double> shares = [];
        do
        {
            long before = Ticks(workers, own);
            long started = Stopwatch.GetTimestamp();
            await Task.Delay(Watched);
            shares.Add((Ticks(workers, own) - before) / TicksPerSecond / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        while (shares[^1] > MostOfACore && shares.Count < Windows);
        Assert.True(shares[^1] <= MostOfACore, $"of a core, in each {Watched}: {string.Join(", ", shares.Select(static share => share.ToString("P2", CultureInfo.InvariantCulture)))}");
    }

    /// <summary>Of the workers, and of the pool's thread in the host.</summary>
    private static long Ticks(IEnumerable<int> workers, string pump) => workers.Sum(static pid => TicksOf($"/proc/{pid}/stat")) + TicksOf($"{pump}/stat");

    private static string[] Pumps() => [.. Directory.GetDirectories("/proc/self/task").Where(static task => Comm(task) == "Kernmantle pump"[..15])];

    private static string Comm(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return "";   // a thread that has just ended
        }
    }

    private static long TicksOf(string stat)
    {
        string text = File.ReadAllText(stat);
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
