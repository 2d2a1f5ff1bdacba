using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Python;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>The functions of <c>peers/python/work.py</c>, called from here.</summary>
internal static class PythonPools
{
    private const int Doubles = 1_000_000;

    public static async Task<Line[]> CallAsync(Settings settings)
    {
        await using PythonPool pool = await StartAsync(1);
        return [await Latency.MeasureAsync(settings, () => pool.CallAsync<object?>("work:nothing"))];
    }

    public static async Task<Line[]> IncrementAsync(Settings settings)
    {
        await using PythonPool pool = await StartAsync(1);
        return
        [
            await Latency.MeasureAsync(settings, async () =>
            {
                int result = await pool.CallAsync<int>("work:increment", 41);
                if (result != 42)
                    throw new InvalidOperationException($"41 incremented is {result}.");
            }),
        ];
    }

    public static async Task<Line[]> TwoAsync(Settings settings)
    {
        await using PythonPool pool = await StartAsync(2);
        return [await Latency.MeasureAsync(settings, () => Task.WhenAll(pool.CallAsync<object?>("work:compute", Load.Steps), pool.CallAsync<object?>("work:compute", Load.Steps)))];
    }

    public static async Task<Line[]> ArrayAsync(Settings settings)
    {
        double[] data = new double[Doubles];
        await using PythonPool pool = await StartAsync(1);
        return [await Latency.MeasureAsync(settings, async () => await pool.CallAsync<double[]>("work:echo", data))];
    }

    public static async Task<Line[]> MapAsync(Settings settings)
    {
        await using PythonPool pool = await StartAsync(2);
        return
        [
            await Rate.MeasureAsync(settings, async count =>
            {
                long sum = 0;
                await foreach (MapResult<int, int> result in pool.MapAsync<int, int>("work:increment", Enumerable.Range(0, count)))
                    sum += result.Value;
                if (sum != (long)count * (count + 1) / 2)
                    throw new InvalidOperationException($"The sum of {count} incremented integers came out as {sum}.");
            }, "items/s"),
        ];
    }

    public static async Task<Line[]> ColdAsync(Settings settings)
    {
        var samples = new long[settings.Count];
        for (int i = -1; i < samples.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            PythonPool pool = New(1);
            int result = await pool.CallAsync<int>("work:increment", 41);
            if (i >= 0)
                samples[i] = (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            await pool.DisposeAsync();
            if (result != 42)
                throw new InvalidOperationException($"41 incremented is {result}.");
        }
        return [Line.Of(samples)];
    }

    private static async Task<PythonPool> StartAsync(int workers)
    {
        PythonPool pool = New(workers);
        await pool.StartAsync();
        return pool;
    }

    private static PythonPool New(int workers) => new(workers, new() { Interpreter = Interpreter.Value, ModulePaths = [Folder()] });

    private static string Folder() => Path.GetFullPath(Path.Combine("bench", "peers", "python"));

    /// <summary>The interpreter itself, not a launcher that chooses one, and the same one that the peers run in.</summary>
    private static Lazy<string> Interpreter { get; } = new(static () =>
    {
        using Process process = Process.Start(new ProcessStartInfo(CommandLine.Python, ["-c", "import sys; print(sys.executable)"]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Trim();
    });
}
