using System.Threading.Channels;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What .NET itself offers within one process, without isolation.</summary>
internal static class PlatformPeers
{
    public static Task<Line[]> TaskResultAsync(Settings settings) =>
        Task.FromResult<Line[]>([Latency.OnDedicatedThread(settings, static () => Functions.Check(Task.Run(static () => Functions.Increment(1)).Result, 2))]);

    /// <summary>Stays on one thread of the pool: the task comes from its own queue, and what follows goes on where the task ended.</summary>
    public static async Task<Line[]> TaskAwaitedAsync(Settings settings) => [await Latency.MeasureAsync(settings, static () => Task.Run(Functions.Nothing))];

    public static Task<Line[]> TaskAwaitedInContextAsync(Settings settings) =>
        Task.FromResult<Line[]>([OneThreadContext.Run(() => Latency.MeasureAsync(settings, static () => Task.Run(Functions.Nothing)))]);

    public static Task<Line[]> NewThreadAsync(Settings settings) => Task.FromResult<Line[]>([Latency.OnDedicatedThread(settings, static () =>
    {
        var thread = new Thread(Functions.Nothing);
        thread.Start();
        thread.Join();
    })]);

    /// <summary>There through one channel and back through another, between two threads that do nothing else.</summary>
    public static Task<Line[]> ChannelAsync(Settings settings)
    {
        Channel<int> there = Channel.CreateUnbounded<int>(), back = Channel.CreateUnbounded<int>();
        var other = new Thread(() =>
        {
            while (Read(there.Reader) is { } value)
                back.Writer.TryWrite(value);
        });
        other.Start();
        Line line = Latency.OnDedicatedThread(settings, () =>
        {
            there.Writer.TryWrite(1);
            Read(back.Reader);
        });
        there.Writer.Complete();
        other.Join();
        return Task.FromResult<Line[]>([line]);
    }

    public static async Task<Line[]> TinyAsync(Settings settings) =>
        [await Rate.MeasureAsync(settings, static count => Task.WhenAll(Enumerable.Range(0, count).Select(static _ => Task.Run(Functions.Nothing))))];

    public static async Task<Line[]> TinyTextsAsync(Settings settings) =>
        [await Rate.MeasureAsync(settings, static count => Task.WhenAll(Enumerable.Range(0, count).Select(Throughput.Text).Select(static text => Task.Run(() => Functions.CountVowels(text)))))];

    /// <summary>The results come to the caller one by one, as from a map; a sum within the query would be another task.</summary>
    public static async Task<Line[]> QueryAsync(Settings settings) => [await Rate.MeasureAsync(settings, static count =>
    {
        long sum = 0;
        foreach (int result in Enumerable.Range(0, count).AsParallel().WithDegreeOfParallelism(2).Select(Functions.Increment))
            sum += result;
        return sum == (long)count * (count + 1) / 2 ? Task.CompletedTask : throw new InvalidOperationException("The results are wrong.");
    }, "items/s")];

    /// <summary>In input order, as the map beside it.</summary>
    public static async Task<Line[]> QueryRecordsAsync(Settings settings) => [await Rate.MeasureAsync(settings, static count =>
    {
        int done = 0;
        foreach (Order result in Order.Many(count).AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(Functions.EchoOrder))
            Functions.Check(result.Number, done++);
        return done == count ? Task.CompletedTask : throw new InvalidOperationException("Results are missing.");
    }, "items/s")];

    private static int? Read(ChannelReader<int> reader) =>
        reader.TryRead(out int value) || (reader.WaitToReadAsync().AsTask().Result && reader.TryRead(out value)) ? value : null;
}
