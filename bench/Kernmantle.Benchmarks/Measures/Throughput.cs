using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Many small calls at once on two workers.</summary>
internal static class Throughput
{
    public static async Task<Line[]> TinyAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        return [await Rate.MeasureAsync(settings, count => Task.WhenAll(Enumerable.Range(0, count).Select(_ => pool.RunAsync(Functions.Nothing))))];
    }

    /// <summary>With an argument that no other burst has, and a result.</summary>
    public static async Task<Line[]> TinyTextsAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        return [await Rate.MeasureAsync(settings, count => Task.WhenAll(Enumerable.Range(0, count).Select(n => pool.RunAsync(Functions.CountVowels, Text(n)))))];
    }

    /// <summary>The n-th of the texts.</summary>
    public static string Text(int n) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {n}: the quick brown fox");

    public static Task<Line[]> MapAsync(Settings settings) => MapAsync(settings, static (pool, inputs) => pool.MapUnorderedAsync(Functions.Increment, inputs));

    public static Task<Line[]> MapCapturingAsync(Settings settings)
    {
        int one = 1;
        return MapAsync(settings, (pool, inputs) => pool.MapUnorderedAsync(number => number + one, inputs));
    }

    public static Task<Line[]> MapTimedAsync(Settings settings) =>
        MapAsync(settings, static (pool, inputs) => pool.With(new() { Timeout = TimeSpan.FromMinutes(5) }).MapUnorderedAsync(Functions.Increment, inputs));

    public static Task<Line[]> MapWithTokenAsync(Settings settings) =>
        MapAsync(settings, static (pool, inputs) => pool.MapUnorderedAsync(static (int number, CancellationToken _) => number + 1, inputs));

    /// <summary>Stops before the end when the time is over: a rate needs no end, and the report says how many there were.</summary>
    private static async Task<Line[]> MapAsync(Settings settings, Func<WorkerPool, IEnumerable<int>, IAsyncEnumerable<MapResult<int, int>>> map)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        await MapAsync(inputs => map(pool, inputs), 20_000, settings.WarmMs);
        var watch = Stopwatch.StartNew();
        int done = await MapAsync(inputs => map(pool, inputs), settings.Count, settings.TimeMs * 4);
        return [Line.Of(done / watch.Elapsed.TotalSeconds, "items/s", n: done)];
    }

    /// <summary>In input order, as programs map. It stops when the time is over, too.</summary>
    public static async Task<Line[]> MapRecordsAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        await MapRecordsAsync(pool, settings.Count, settings.WarmMs);
        var watch = Stopwatch.StartNew();
        int done = await MapRecordsAsync(pool, settings.Count, settings.TimeMs * 4);
        return [Line.Of(done / watch.Elapsed.TotalSeconds, "items/s", n: done)];
    }

    private static async Task<int> MapRecordsAsync(WorkerPool pool, int count, int milliseconds)
    {
        var watch = Stopwatch.StartNew();
        int done = 0;
        await foreach (MapResult<Order, Order> item in pool.MapAsync(Functions.EchoOrder, Order.Many(count)))
        {
            Functions.Check(item.Value.Number, done);
            if (++done % 100 == 0 && watch.ElapsedMilliseconds > milliseconds)
                break;
        }
        return done;
    }

    private static async Task<int> MapAsync(Func<IEnumerable<int>, IAsyncEnumerable<MapResult<int, int>>> map, int count, int milliseconds)
    {
        var watch = Stopwatch.StartNew();
        int done = 0;
        long sum = 0;
        await foreach (MapResult<int, int> item in map(Enumerable.Range(0, count)))
        {
            sum += item.Value;
            if (++done % 1000 == 0 && watch.ElapsedMilliseconds > milliseconds)
                return done;
        }
        return sum == (long)count * (count + 1) / 2 ? done : throw new InvalidOperationException("The results are wrong.");
    }
}
