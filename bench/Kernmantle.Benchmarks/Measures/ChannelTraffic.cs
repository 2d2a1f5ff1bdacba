using System.Diagnostics;
using System.Threading.Channels;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What writers and readers do, over any channel: the same code in this process and in a worker, for ours and for the platform's.</summary>
internal static class ChannelTraffic<T, TItems>
    where TItems : IChannelItems<T>
{
    private const int SpanItems = 256, MostWriters = 4, Look = 1024;

    /// <summary>Until the channel is completed.</summary>
    public static async Task WriteAsync(ChannelWriter<T> writer, int number)
    {
        try
        {
            for (long i = 0; ; i++)
                await writer.WriteAsync(TItems.Of(number, i));
        }
        catch (ChannelClosedException)
        {
        }
    }

    /// <returns>Items a second.</returns>
    public static async Task<double> ReadAsync(ChannelReader<T> reader, Settings settings)
    {
        var tally = new Tally(settings);
        await foreach (T item in reader.ReadAllAsync())
        {
            if (tally.Add(item) % Look == 0 && tally.IsOver())
                break;
        }
        return tally.Rate;
    }

    public static async Task WriteSpansAsync(WorkerChannelWriter<T> writer, int number)
    {
        var items = new T[SpanItems];
        try
        {
            for (long first = 0; ; first += SpanItems)
            {
                for (int i = 0; i < SpanItems; i++)
                    items[i] = TItems.Of(number, first + i);
                await writer.WriteManyAsync(items);
            }
        }
        catch (ChannelClosedException)
        {
        }
    }

    public static async Task<double> ReadSpansAsync(WorkerChannelReader<T> reader, Settings settings)
    {
        var tally = new Tally(settings);
        var items = new T[SpanItems];
        while (await reader.ReadManyAsync(items) is > 0 and int read)
        {
            for (int i = 0; i < read; i++)
                tally.Add(items[i]);
            if (tally.IsOver())
                break;
        }
        return tally.Rate;
    }

    /// <summary>Counts from when it was warm until the time is over.</summary>
    private sealed class Tally(Settings settings)
    {
        private readonly long[] next = new long[MostWriters];
        private readonly long counted = Stopwatch.GetTimestamp() + (settings.WarmMs * Stopwatch.Frequency / 1000);
        private long all, before, begin;

        public double Rate { get; private set; }

        public long Add(T item)
        {
            (int writer, long number) = TItems.Read(item);
            if (number != next[writer]++)
                throw new InvalidOperationException($"Item {number} came in the place of {next[writer] - 1}.");
            return ++all;
        }

        public bool IsOver()
        {
            long now = Stopwatch.GetTimestamp();
            if (now < counted)
                return false;
            if (begin == 0)
                (begin, before) = (now, all);
            double seconds = Stopwatch.GetElapsedTime(begin, now).TotalSeconds;
            if (seconds * 1000 < settings.TimeMs)
                return false;
            Rate = (all - before) / seconds;
            return true;
        }
    }
}
