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

    /// <summary>
    /// How often our threads are run, and for how long: the main thread and the reader of each worker, and the pool's one in the host. The runtime's own threads do what they
    /// do, and on a crowded machine each of their wake-ups takes most of a millisecond.
    /// </summary>
    [Fact]
    public async Task The_threads_of_a_pool_without_calls_sleep()
    {
        string[] others = Named(Environment.ProcessId, "Kernmantle pump");   // of pools that earlier tests have left to the collector
        await using WorkerPool pool = WorkerPool.Processes(2, new ProcessPoolOptions { Transport = WorkerTransport.SharedMemory });
        HashSet<int> workers = [];
        while (workers.Count < 2)
            workers.UnionWith(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => pool.RunAsync(static () => Environment.ProcessId))));
        for (int i = 0; i < 1000; i++)
            Assert.Equal(3, pool.Run(static (int a, int b) => a + b, 1, 2));
        string pump = Assert.Single(Named(Environment.ProcessId, "Kernmantle pump").Except(others));
        string[] mains = [.. workers.Select(static pid => $"/proc/{pid}/task/{pid}")], readers = [.. workers.SelectMany(static pid => Named(pid, "Kernmantle reader"))];
        Assert.Equal(2, readers.Length);

        // What the last calls started may take a moment to end: the last window counts.
        List<string> seen = [];
        bool quiet = false;
        while (!quiet && seen.Count < Windows)
        {
            long started = Stopwatch.GetTimestamp();
            Dictionary<string, long> before = Look(pump, mains, readers);
            long ticks = before.Keys.Sum(TicksOf);
            await Task.Delay(Watched);
            double share = (before.Keys.Sum(TicksOf) - ticks) / TicksPerSecond / Stopwatch.GetElapsedTime(started).TotalSeconds;
            Dictionary<string, long> runs = Look(pump, mains, readers).ToDictionary(static pair => pair.Key, pair => pair.Value - before[pair.Key]);
            double mostOfPump = (2 * Stopwatch.GetElapsedTime(started).TotalSeconds) + 10;   // it looks once a second by itself
            quiet = share <= MostOfACore && runs.All(run => run.Value <= (run.Key == pump ? mostOfPump : 0)) && runs.Keys.All(static thread => StateOf(thread) == "S");
            seen.Add(share.ToString("P2", CultureInfo.InvariantCulture) + ": " + string.Join(", ", runs.Select(static run => $"{run.Key} {StateOf(run.Key)} {run.Value}")));
        }
        Assert.True(quiet, $"of a core, and how often each was run, in each {Watched}:\n{string.Join('\n', seen)}");
    }

    private static Dictionary<string, long> Look(string pump, string[] mains, string[] readers) => mains.Concat(readers).Append(pump).ToDictionary(static thread => thread, RunsOf);

    /// <summary>How often it was put on a processor.</summary>
    private static long RunsOf(string thread) => long.Parse(StatusOf(thread, "voluntary_ctxt_switches"), CultureInfo.InvariantCulture) + long.Parse(StatusOf(thread, "nonvoluntary_ctxt_switches"), CultureInfo.InvariantCulture);

    /// <summary><c>S</c>: it sleeps. One that runs all the time without a break is not put on a processor either.</summary>
    private static string StateOf(string thread) => StatusOf(thread, "State")[..1];

    private static string StatusOf(string thread, string name) => File.ReadLines($"{thread}/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    private static long TicksOf(string thread)
    {
        string text = File.ReadAllText($"{thread}/stat");
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static string[] Named(int process, string name) => [.. Directory.GetDirectories($"/proc/{process}/task").Where(task => Comm(task) == name[..15])];

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
}
