using System.Globalization;

namespace Kernmantle.Benchmarks;

/// <summary>What an idle worker costs in memory: its proportional set size, in which shared pages count by share.</summary>
internal static class Memory
{
    public const string Name = "Idle memory of a worker";
    private const string Ours4 = "process pool, mean of 4 workers", Ours1 = "process pool, 1 worker";
    private const string Python4 = "ProcessPoolExecutor (spawn), mean of 4 workers";

    public static async Task<Table> MeasureAsync(PythonPeer? python, int rounds)
    {
        var table = new Table(Name, "MB", new Goal(Ours4, null, 20), new Goal(Ours1, null, 20));
        Samples four = table.Ours(Ours4), one = table.Ours(Ours1);
        Samples? peer = null;
        if (python is null)
            table.MissingPeer(Python4);
        else
            peer = table.Peer(Python4);
        for (int round = 0; round < rounds; round++)
        {
            four.Add(await PerWorkerAsync(4));
            one.Add(await PerWorkerAsync(1));
            if (python is not null)
            {
                int[] ids = python.Open(4);
                await Task.Delay(1000);
                peer!.Add(ids.Average(Proportional));
                python.Close();
            }
        }
        return table;
    }

    private static async Task<double> PerWorkerAsync(int workers)
    {
        await using WorkerPool pool = WorkerPool.Processes(workers);
        await pool.StartAsync();
        var ids = new HashSet<int>();
        for (int i = 0; ids.Count < workers && i < 1000; i++)
        {
            // More calls than workers at once, each long enough that every worker gets one.
            int[] seen = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => pool.RunAsync(static async () =>
            {
                await Task.Delay(50);
                return Environment.ProcessId;
            })));
            ids.UnionWith(seen);
        }
        await Task.Delay(1000);
        return ids.Average(Proportional);
    }

    private static double Proportional(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/smaps_rollup").First(static l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(4, line.Length - 6).Trim(), CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
