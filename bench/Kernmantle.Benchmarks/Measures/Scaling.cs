using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>How much sooner two workers finish what one would: work that only needs a processor.</summary>
internal static class Scaling
{
    private const int WarmUp = 40;

    public static async Task<Line[]> OursAsync(Settings settings)
    {
        await using WorkerPool one = WorkerPool.Processes(1), two = WorkerPool.Processes(2);
        await BurnAsync(one, WarmUp);
        await BurnAsync(two, WarmUp * 2);
        double alone = await BurnAsync(one, settings.Count);
        return [Line.Of(alone / await BurnAsync(two, settings.Count), "×")];
    }

    /// <summary>Processes that know nothing of each other, each with its share of the work.</summary>
    public static Task<Line[]> BareAsync(Settings settings)
    {
        double alone = Bare(1, settings.Count);
        return Task.FromResult<Line[]>([Line.Of(alone / Bare(2, settings.Count), "×")]);
    }

    /// <summary>The other end of <see cref="BareAsync"/>: says when it is ready, waits for the word, works.</summary>
    public static void BurnWhenTold(int count)
    {
        for (int i = 0; i < WarmUp; i++)
            Functions.Burn();
        Console.Out.WriteLine("ready");
        Console.In.ReadLine();
        for (int i = 0; i < count; i++)
            Functions.Burn();
        Console.Out.WriteLine("done");
    }

    private static double Bare(int processes, int count)
    {
        Process[] started = [.. Enumerable.Range(0, processes).Select(_ => Self.Start("burn", $"{count / processes}"))];
        foreach (Process process in started)
            process.StandardOutput.ReadLine();
        var watch = Stopwatch.StartNew();
        foreach (Process process in started)
            process.StandardInput.WriteLine();
        foreach (Process process in started)
        {
            if (process.StandardOutput.ReadLine() != "done")
                throw new InvalidOperationException("A process ended before its work.");
        }
        double elapsed = watch.Elapsed.TotalSeconds;
        foreach (Process process in started)
        {
            process.WaitForExit();
            process.Dispose();
        }
        return elapsed;
    }

    private static async Task<double> BurnAsync(WorkerPool pool, int count)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => pool.RunAsync(Functions.Burn)));
        return watch.Elapsed.TotalSeconds;
    }
}
