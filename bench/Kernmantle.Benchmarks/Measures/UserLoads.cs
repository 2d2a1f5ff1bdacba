using System.Threading.Channels;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>Many calls as programs make them: in bursts, loops and streams, with tokens and timeouts that do not fire.</summary>
internal static class UserLoads
{
    private const int AtATime = 8;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    public static async Task<Line[]> BurstAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        using var source = new CancellationTokenSource();
        CancellationToken token = source.Token;
        CallInvoker calls = pool.With(new() { Timeout = Long });
        return [await Rate.MeasureAsync(settings, count => Task.WhenAll(Enumerable.Range(0, count).Select(_ => calls.RunAsync(Functions.Nothing, token))))];
    }

    public static async Task<Line[]> LoopAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        await pool.StartAsync();
        return [await Rate.MeasureAsync(settings, count => EachAsync(count, async (number, token) => Functions.Check(await pool.RunAsync(Functions.Increment, number, token), number + 1)))];
    }

    public static async Task<Line[]> TaskLoopAsync(Settings settings) =>
        [await Rate.MeasureAsync(settings, static count => EachAsync(count, static async (number, token) => Functions.Check(await Task.Run(() => Functions.Increment(number), token).WaitAsync(Long, token), number + 1)))];

    public static async Task<Line[]> StreamAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await pool.StartAsync();
        return [await Rate.MeasureAsync(settings, count => SumAsync(pool.StreamAsync(Functions.CountAsync, count), count), "items/s")];
    }

    /// <summary>From a thread that writes to one that reads.</summary>
    public static async Task<Line[]> ChannelStreamAsync(Settings settings) => [await Rate.MeasureAsync(settings, static async count =>
    {
        Channel<int> channel = Channel.CreateBounded<int>(new BoundedChannelOptions(1024) { SingleReader = true, SingleWriter = true });
        Task writing = Task.Run(async () =>
        {
            await foreach (int number in Functions.CountAsync(count))
                await channel.Writer.WriteAsync(number);
            channel.Writer.Complete();
        });
        await SumAsync(channel.Reader.ReadAllAsync(), count);
        await writing;
    }, "items/s")];

    private static Task EachAsync(int count, Func<int, CancellationToken, ValueTask> body) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, body);

    private static async Task SumAsync(IAsyncEnumerable<int> numbers, int count)
    {
        long sum = 0;
        await foreach (int number in numbers)
            sum += number;
        if (sum != (long)count * (count - 1) / 2)
            throw new InvalidOperationException("The items are wrong.");
    }
}
