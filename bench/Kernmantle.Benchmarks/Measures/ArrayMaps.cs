using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Maps whose results are wanted as one array, on two workers; and the same as a parallel query, on two threads.</summary>
internal static class ArrayMaps
{
    /// <summary>The second input: items of another size, with results of another.</summary>
    internal readonly record struct Place(double X, double Y)
    {
        public static Place[] Many(int count) => [.. Enumerable.Range(0, count).Select(static n => new Place(n, 1))];

        public static double Sum(Place place) => place.X + place.Y;
    }

    public static Task<Line[]> IntegersAsync(Settings settings) => OursAsync<int, int>(settings, static count => [.. Enumerable.Range(0, count)], Functions.Increment, CheckIntegers);

    public static Task<Line[]> QueryIntegersAsync(Settings settings) => QueryAsync<int, int>(settings, static count => [.. Enumerable.Range(0, count)], Functions.Increment, CheckIntegers);

    public static Task<Line[]> PlacesAsync(Settings settings) => OursAsync<Place, double>(settings, Place.Many, Place.Sum, CheckPlaces);

    public static Task<Line[]> QueryPlacesAsync(Settings settings) => QueryAsync<Place, double>(settings, Place.Many, Place.Sum, CheckPlaces);

    public static Task<Line[]> RecordsAsync(Settings settings) => OursAsync<Order, Order>(settings, static count => [.. Order.Many(count)], Functions.EchoOrder, static (results, index) => results[index].Number == index);

    public static Task<Line[]> TextsAsync(Settings settings) => OursAsync<string, string>(settings, Texts, Functions.Double, static (results, index) => results[index] == $"text {index}text {index}");

    private static string[] Texts(int count) => [.. Enumerable.Range(0, count).Select(static n => $"text {n}")];

    private static bool CheckIntegers(int[] results, int index) => results[index] == index + 1;

    private static bool CheckPlaces(double[] results, int index) => results[index].Equals(index + 1.0);

    private static async Task<Line[]> OursAsync<T, TResult>(Settings settings, Func<int, T[]> inputs, Func<T, TResult> function, Func<TResult[], int, bool> isRight)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        return [await MeasureAsync(settings, inputs, items => pool.MapToArrayAsync(function, items), isRight)];
    }

    private static async Task<Line[]> QueryAsync<T, TResult>(Settings settings, Func<int, T[]> inputs, Func<T, TResult> function, Func<TResult[], int, bool> isRight) =>
        [await MeasureAsync(settings, inputs, items => Task.FromResult(items.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(function).ToArray()), isRight)];

    /// <summary>The inputs are there before, as those of the peers; the results are looked at.</summary>
    private static async Task<Line> MeasureAsync<T, TResult>(Settings settings, Func<int, T[]> inputs, Func<T[], Task<TResult[]>> map, Func<TResult[], int, bool> isRight)
    {
        T[] all = inputs(settings.Count), few = inputs(Math.Min(settings.Count, 2000));
        return await Rate.MeasureAsync(settings, async count =>
        {
            TResult[] results = await map(count == few.Length ? few : all);
            for (int i = 0; i < results.Length; i++)
            {
                if (!isRight(results, i))
                    throw new InvalidOperationException($"Result {i} is wrong.");
            }
        }, "items/s");
    }
}
