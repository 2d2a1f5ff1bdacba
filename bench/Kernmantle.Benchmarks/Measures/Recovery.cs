using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What a dead worker costs: until two workers serve again, and until the next call begins.</summary>
internal static class Recovery
{
    public static async Task<Line[]> MeasureAsync(Settings settings)
    {
        var samples = new long[settings.Count];
        for (int i = 0; i < samples.Length; i++)
        {
            await using WorkerPool pool = WorkerPool.Processes(2);
            await pool.StartAsync();
            await WorkerIds.OfAsync(pool, 2);
            var watch = Stopwatch.StartNew();
            try
            {
                await pool.RunAsync(Functions.Die);
            }
            catch (WorkerCrashedException)
            {
                // what was asked for
            }
            while ((await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.RunAsync(Functions.WaitAndTellId, 1)))).Distinct().Count() < 2)
            {
            }
            samples[i] = (long)watch.Elapsed.TotalNanoseconds;
        }
        return [Line.Of(samples)];
    }

    /// <summary>
    /// While it runs a call: by the pool itself, as for a timeout (here for a cancellation without grace), or from outside, as the system would: then
    /// nobody knows of it before the process has ended, which takes the kernel some milliseconds. The next call is made at once.
    /// </summary>
    public static async Task<Line[]> NextCallAsync(Settings settings, int spares, bool fromOutside)
    {
        var samples = new long[settings.Count];
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Spares = spares, KillGrace = TimeSpan.Zero, RestartLimit = int.MaxValue });
        await pool.StartAsync();
        for (int i = -1; i < samples.Length; i++)
        {
            while (pool.Statistics is not { Workers: 1 } statistics || statistics.Spares < spares)
                await Task.Delay(1);
            using var victim = Process.GetProcessById(await pool.RunAsync(Functions.ProcessId));
            string busy = Path.Combine(Path.GetTempPath(), $"kernmantle-bench-{Environment.ProcessId}-{i}");
            using var cancellation = new CancellationTokenSource();
            Task waiting = pool.RunAsync(Functions.TellAndWait, busy, cancellationToken: cancellation.Token);
            while (!File.Exists(busy))
                await Task.Delay(1);
            File.Delete(busy);
            long killed = Stopwatch.GetTimestamp();
            if (fromOutside)
                victim.Kill();
            else
                cancellation.Cancel();
            long begun = await pool.RunAsync(Functions.Now);
            if (i >= 0)
                samples[i] = (long)Stopwatch.GetElapsedTime(killed, begun).TotalNanoseconds;
            try
            {
                await waiting;
            }
            catch (Exception e) when (e is WorkerCrashedException or OperationCanceledException)
            {
                // what was asked for
            }
        }
        return [Line.Of(samples)];
    }

    /// <summary>Every call gets a new worker, as long as there are spares: from the end of a call, after which its worker is replaced, to the result of the next.</summary>
    public static async Task<Line[]> FreshWorkerAsync(Settings settings)
    {
        const int Spares = 6;
        var samples = new List<long>();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Spares = Spares, Recycling = new() { Calls = 1 } });
        await pool.StartAsync();
        _ = await pool.RunAsync(Functions.ProcessId);
        while (samples.Count < settings.Count)
        {
            while (pool.Statistics is not { Workers: 1, Spares: Spares })
                await Task.Delay(1);
            var seen = new HashSet<int>();
            for (int i = 0; i < Spares; i++)
            {
                long from = Stopwatch.GetTimestamp();
                Functions.Check(seen.Add(await pool.RunAsync(Functions.ProcessId)) ? 1 : 0, 1);
                if (i > 0)
                    samples.Add((long)Stopwatch.GetElapsedTime(from).TotalNanoseconds);
            }
        }
        return [Line.Of([.. samples])];
    }
}
