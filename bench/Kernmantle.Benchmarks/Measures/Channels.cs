using System.Diagnostics;
using System.Threading.Channels;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>How fast items cross from one process to another through a channel, and within one process through the platform's.</summary>
internal static class Channels
{
    private const int BlockBytes = 64 << 10;

    /// <summary>Workers write, this process reads.</summary>
    public static async Task<Line[]> FromWorkersAsync<T, TItems>(Settings settings, int writers = 1, ChannelTransport transport = ChannelTransport.SharedMemory)
        where TItems : IChannelItems<T>
    {
        await using WorkerPool pool = WorkerPool.Processes(writers);
        await pool.StartAsync();
        using WorkerChannel<T> channel = WorkerChannel.Create<T>(new() { Transport = transport });
        Task writing = Task.WhenAll(Enumerable.Range(0, writers).Select(number => pool.RunAsync(ChannelTraffic<T, TItems>.WriteAsync, channel.Writer, number)));
        Task<double> reading = ChannelTraffic<T, TItems>.ReadAsync(channel.Reader, settings);
        return await EndAsync(channel.Writer, writing, reading);
    }

    public static async Task<Line[]> SpansFromWorkerAsync<T, TItems>(Settings settings)
        where TItems : IChannelItems<T>
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await pool.StartAsync();
        using WorkerChannel<T> channel = WorkerChannel.Create<T>();
        Task writing = pool.RunAsync(ChannelTraffic<T, TItems>.WriteSpansAsync, channel.Writer, 0);
        return await EndAsync(channel.Writer, writing, ChannelTraffic<T, TItems>.ReadSpansAsync(channel.Reader, settings));
    }

    /// <summary>This process writes, a worker reads.</summary>
    public static async Task<Line[]> ToWorkerAsync<T, TItems>(Settings settings)
        where TItems : IChannelItems<T>
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await pool.StartAsync();
        using WorkerChannel<T> channel = WorkerChannel.Create<T>();
        Task<double> reading = pool.RunAsync(ChannelTraffic<T, TItems>.ReadAsync, channel.Reader, settings);
        return await EndAsync(channel.Writer, Task.Run(() => ChannelTraffic<T, TItems>.WriteAsync(channel.Writer, 0)), reading);
    }

    public static async Task<Line[]> SpansToWorkerAsync<T, TItems>(Settings settings)
        where TItems : IChannelItems<T>
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await pool.StartAsync();
        using WorkerChannel<T> channel = WorkerChannel.Create<T>();
        Task<double> reading = pool.RunAsync(ChannelTraffic<T, TItems>.ReadSpansAsync, channel.Reader, settings);
        return await EndAsync(channel.Writer, Task.Run(() => ChannelTraffic<T, TItems>.WriteSpansAsync(channel.Writer, 0)), reading);
    }

    /// <summary>The platform's, as large as ours.</summary>
    public static Task<Line[]> WithinAsync<T, TItems>(Settings settings)
        where TItems : IChannelItems<T>
    {
        Channel<T> channel = Channel.CreateBounded<T>(new BoundedChannelOptions(1024) { SingleReader = true, SingleWriter = true });
        return EndAsync(
            channel.Writer,
            Task.Run(() => ChannelTraffic<T, TItems>.WriteAsync(channel.Writer, 0)),
            Task.Run(() => ChannelTraffic<T, TItems>.ReadAsync(channel.Reader, settings)));
    }

    public static async Task<Line[]> EchoAsync(Settings settings)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await pool.StartAsync();
        using WorkerChannel<long> there = WorkerChannel.Create<long>(), back = WorkerChannel.Create<long>();
        Task answering = pool.RunAsync(AnswerAsync, there.Reader, back.Writer);
        Line line = await Latency.MeasureAsync(settings, async () =>
        {
            await there.Writer.WriteAsync(1);
            await back.Reader.ReadAsync();
        });
        there.Writer.Complete();
        await answering;
        return [line];
    }

    /// <summary>A worker writes, and when it is done this process reads: how fast either is, as the disk's speed is told.</summary>
    public static async Task<Line[]> FileAsync(Settings settings)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-bench-");
        try
        {
            await using WorkerPool pool = WorkerPool.Processes(1);
        await pool.StartAsync();
            using WorkerChannel<byte[]> channel = WorkerChannel.Create<byte[]>(new() { Transport = ChannelTransport.File, Path = Path.Combine(folder.FullName, "items") });
            int warm = settings.Count / 8;
            await pool.RunAsync(WriteBlocksAsync, channel.Writer, warm);
            await ReadBlocksAsync(channel.Reader, warm);
            double written = await pool.RunAsync(WriteBlocksAsync, channel.Writer, settings.Count), read = await ReadBlocksAsync(channel.Reader, settings.Count);
            return [Line.Of(written, "B/s"), Line.Of(read, "B/s", "read")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Line[]> EndAsync<T>(ChannelWriter<T> writer, Task writing, Task<double> reading)
    {
        double rate = await reading;
        writer.Complete();
        await writing;
        return [Line.Of(rate, "items/s")];
    }

    private static async Task AnswerAsync(ChannelReader<long> reader, ChannelWriter<long> writer)
    {
        await foreach (long item in reader.ReadAllAsync())
            await writer.WriteAsync(item);
    }

    /// <returns>Bytes a second.</returns>
    private static async Task<double> WriteBlocksAsync(ChannelWriter<byte[]> writer, int count)
    {
        byte[] block = new byte[BlockBytes];
        Array.Fill(block, (byte)1);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            await writer.WriteAsync(block);
        return (double)count * BlockBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> ReadBlocksAsync(ChannelReader<byte[]> reader, int count)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            Functions.Check((await reader.ReadAsync()).Length, BlockBytes);
        return (double)count * BlockBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
