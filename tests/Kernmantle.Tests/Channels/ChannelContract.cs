using System.Threading.Channels;

namespace Kernmantle.Tests.Channels;

/// <summary>What a channel does between the host and the workers of a place, by whichever means its items cross.</summary>
public abstract partial class ChannelContract
{
    private protected static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract WorkerPool Pool(int workers);

    private protected virtual ChannelTransport Transport => ChannelTransport.SharedMemory;

    private protected virtual string? NewPath() => null;

    private protected WorkerChannel<T> Make<T>(int capacity = 64) =>
        WorkerChannel.Create<T>(new() { Capacity = capacity, BufferBytes = 1 << 16, Transport = Transport, Path = NewPath() });

    [Fact]
    public async Task Numbers_arrive_in_the_order_in_which_they_were_written()
    {
        const int Count = 20_000;
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<int> channel = Make<int>();
        Task writing = pool.RunAsync(static (writer, count) => WriteAsync(writer, count), channel.Writer, Count, Token);
        int next = 0;
        await foreach (int item in channel.Reader.ReadAllAsync(Token))
            Assert.Equal(next++, item);
        Assert.Equal(Count, next);
        await writing;
        await channel.Reader.Completion.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task Texts_and_records_of_any_length_arrive_whole()
    {
        const int Count = 3000;
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<Line> channel = Make<Line>(capacity: 100);
        Task<long> reading = pool.RunAsync(static reader => ReadLinesAsync(reader), channel.Reader, Token);
        long sum = 0;
        var random = new Random(5);
        for (int i = 0; i < Count; i++)
        {
            var line = new Line(i, new string((char)('a' + (i % 26)), random.Next(i % 50 == 0 ? 1900 : 60)));
            sum += line.Number + line.Text.Length;
            await channel.Writer.WriteAsync(line, Token);
        }
        channel.Writer.Complete();
        Assert.Equal(sum, await reading);
    }

    [Fact]
    public async Task Who_gets_a_channel_that_was_completed_reads_what_is_there_and_then_the_end()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<int> channel = Make<int>();
        Assert.Equal(2, channel.Writer.TryWriteMany([1, 2]));
        channel.Writer.Complete();
        Task<int> reading = pool.RunAsync(
            static async reader =>
            {
                int sum = 0;
                await foreach (int item in reader.ReadAllAsync())
                    sum += item;
                return sum;
            },
            channel.Reader,
            Token);
        Assert.Equal(3, await reading.WaitAsync(Bound, Token));
        await channel.Reader.Completion.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task Many_write_and_many_read_and_each_item_is_read_once()
    {
        const int Count = 5000;
        await using WorkerPool pool = Pool(4);
        using WorkerChannel<(int Writer, int Number)> channel = Make<(int, int)>(capacity: 16);
        using WorkerChannel<(int Writer, int Number)> seen = Make<(int, int)>(capacity: 1000);
        WorkerChannelReader<(int, int)> reader = channel.Reader;
        WorkerChannelWriter<(int, int)> writer = channel.Writer, telling = seen.Writer;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => CopyAsync(reader, telling), Token))];
        Task[] writers = [.. Enumerable.Range(0, 2).Select(place => pool.RunAsync(() => WriteAsync(writer, place, Count), Token))];
        Task host = Task.Run(() => WriteAsync(writer, 2, Count), Token);
        Task<List<(int, int)>> all = DrainAsync(seen.Reader);
        await Task.WhenAll([.. writers, host]);
        channel.Writer.Complete();
        await Task.WhenAll(readers);
        seen.Writer.Complete();
        List<(int, int)> items = await all;
        Assert.Equal(3 * Count, items.Count);
        Assert.Equal(3 * Count, items.Distinct().Count());
    }

    [Fact]
    public async Task Each_writers_items_keep_their_order_where_many_write()
    {
        const int Count = 5000;
        await using WorkerPool pool = Pool(3);
        using WorkerChannel<(int Writer, int Number)> channel = Make<(int, int)>(capacity: 16);
        WorkerChannelWriter<(int, int)> writer = channel.Writer;
        Task writing = Task.WhenAll(Enumerable.Range(0, 3).Select(place => pool.RunAsync(() => WriteAsync(writer, place, Count), Token)));
        int[] next = new int[3];
        for (int i = 0; i < 3 * Count; i++)
        {
            (int place, int number) = await channel.Reader.ReadAsync(Token);
            Assert.Equal(next[place]++, number);
        }
        await writing;
        Assert.False(channel.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_full_channel_waits_for_its_reader()
    {
        if (Transport == ChannelTransport.File)
            return;   // it is as large as the disk
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<int> channel = Make<int>(capacity: 3);
        using var written = new SharedValue<int>();
        WorkerChannelWriter<int> writer = channel.Writer;
        Task writing = pool.RunAsync(
            async () =>
            {
                for (int i = 0; i < 10; i++)
                {
                    await writer.WriteAsync(i);
                    written.Add(1);
                }
            },
            Token);
        Assert.True(SpinWait.SpinUntil(() => written.Read() == 3, Bound));
        Assert.Equal(3, channel.Reader.Count);
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(i, await channel.Reader.ReadAsync(Token));
            int expected = Math.Min(10, i + 4);
            Assert.True(SpinWait.SpinUntil(() => written.Read() == expected, Bound));
        }
        await writing.WaitAsync(Bound, Token);
        Assert.Equal(3, channel.Reader.Count);
    }

    [Fact]
    public async Task A_reader_that_sleeps_is_woken()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<int> there = Make<int>(), back = Make<int>();
        WorkerChannelReader<int> reader = there.Reader;
        WorkerChannelWriter<int> writer = back.Writer;
        Task echo = pool.RunAsync(
            async () =>
            {
                await foreach (int item in reader.ReadAllAsync())
                    await writer.WriteAsync(-item);
            },
            Token);
        for (int i = 1; i <= 50; i++)
        {
            await Task.Delay(i % 10, Token);   // long enough for some to go to sleep, and too short for others
            Assert.True(there.Writer.TryWrite(i));
            Assert.Equal(-i, await back.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        }
        there.Writer.Complete();
        await echo.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task An_error_is_told_after_the_last_item()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<string> channel = Make<string>();
        WorkerChannelWriter<string> writer = channel.Writer;
        await pool.RunAsync(
            () =>
            {
                writer.TryWrite("last");
                writer.Complete(new InvalidOperationException("The tap is dry."));
            },
            Token);
        Assert.False(channel.Writer.TryWrite("late"));
        Assert.False(channel.Writer.TryComplete());
        await Assert.ThrowsAsync<ChannelClosedException>(() => channel.Writer.WriteAsync("late", Token).AsTask());
        Assert.False(channel.Reader.Completion.IsCompleted);
        Assert.Equal("last", await channel.Reader.ReadAsync(Token));
        ChannelClosedException closed = await Assert.ThrowsAsync<ChannelClosedException>(() => channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        Assert.Equal("The tap is dry.", closed.InnerException!.Message);
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => channel.Reader.Completion.WaitAsync(Bound, Token));
        Assert.Equal(nameof(InvalidOperationException), (error as RemoteException)?.TypeName["System.".Length..] ?? error.GetType().Name);
        error = await Assert.ThrowsAnyAsync<Exception>(() => DrainAsync(channel.Reader));
        Assert.Equal("The tap is dry.", error.Message);
    }

    [Fact]
    public async Task Who_waits_when_it_is_completed_is_told()
    {
        await using WorkerPool pool = Pool(2);
        using WorkerChannel<int> channel = Make<int>(capacity: 1);
        using var waiting = new SharedCountdown(2);
        WorkerChannelReader<int> reader = channel.Reader;
        Task<bool>[] readers = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(async () =>
        {
            ValueTask<bool> wait = reader.WaitToReadAsync();
            waiting.Signal();
            return await wait;
        }, Token))];
        Assert.True(waiting.Wait(Bound, Token));
        channel.Writer.Complete();
        bool[] answers = await Task.WhenAll(readers).WaitAsync(Bound, Token);
        Assert.Equal([false, false], answers);
    }

    [Fact]
    public async Task A_writer_that_waits_when_it_is_completed_is_told()
    {
        if (Transport == ChannelTransport.File)
            return;
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<int> channel = Make<int>(capacity: 1);
        using var waiting = new SharedEvent();
        WorkerChannelWriter<int> writer = channel.Writer;
        Task<bool> writing = pool.RunAsync(
            async () =>
            {
                while (writer.TryWrite(1))
                    continue;
                ValueTask<bool> wait = writer.WaitToWriteAsync();
                waiting.Set();
                return await wait;
            },
            Token);
        Assert.True(waiting.Wait(Bound, Token));
        channel.Writer.Complete();
        Assert.False(await writing.WaitAsync(Bound, Token));
        Assert.Equal(1, await channel.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task Waiting_ends_with_its_token()
    {
        using WorkerChannel<int> channel = Make<int>(capacity: 1);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<bool> reading = channel.Reader.WaitToReadAsync(over.Token).AsTask();
        Task<int> item = channel.Reader.ReadAsync(over.Token).AsTask();
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Bound, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.WaitAsync(Bound, Token));
        if (Transport == ChannelTransport.File)
            return;
        while (channel.Writer.TryWrite(1))
            continue;
        using var other = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = channel.Writer.WriteAsync(2, other.Token).AsTask();
        Assert.False(writing.IsCompleted);
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Bound, Token));
        Assert.True(channel.Reader.TryRead(out int read));
        Assert.Equal(1, read);
    }

    [Fact]
    public async Task Items_can_be_read_and_written_many_at_once()
    {
        const int Count = 50_000;
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<long> channel = Make<long>(capacity: 1000);
        Task writing = pool.RunAsync(static writer => WriteManyAsync(writer, Count), channel.Writer, Token);
        long next = 0;
        long[] room = new long[333];
        while (await channel.Reader.ReadManyAsync(room, Token) is > 0 and int read)
        {
            for (int i = 0; i < read; i++)
                Assert.Equal(next++, room[i]);
        }
        Assert.Equal(Count, next);
        await writing;
    }

    [Fact]
    public async Task Disposal_ends_all_waiting()
    {
        await using WorkerPool pool = Pool(1);
        WorkerChannel<int> channel = Make<int>();
        using var waiting = new SharedEvent();
        WorkerChannelReader<int> reader = channel.Reader;
        Task<string> reading = pool.RunAsync(
            async () =>
            {
                ValueTask<bool> wait = reader.WaitToReadAsync();
                waiting.Set();
                try
                {
                    await wait;
                    return "woken";
                }
                catch (ObjectDisposedException e)
                {
                    return e.GetType().Name;
                }
            },
            Token);
        Task<bool> here = channel.Reader.WaitToReadAsync(Token).AsTask();
        Assert.True(waiting.Wait(Bound, Token));
        channel.Dispose();
        Assert.Equal(nameof(ObjectDisposedException), await reading.WaitAsync(Bound, Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => here.WaitAsync(Bound, Token));
        Assert.Throws<ObjectDisposedException>(() => channel.Writer.TryWrite(1));
        Assert.Throws<ObjectDisposedException>(() => channel.Reader.TryRead(out _));
    }

    [Fact]
    public async Task It_crosses_as_a_whole_and_as_what_the_platform_calls_its_sides_and_comes_back()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<string> channel = Make<string>();
        ChannelWriter<string> writer = channel.Writer;
        ChannelReader<string> reader = channel.Reader;
        Assert.True(await pool.RunAsync(w => w.TryWrite("one"), writer, Token));
        Assert.True(await pool.RunAsync(() => channel.Writer.TryWrite("two"), Token));
        Assert.Equal("one", await pool.RunAsync(async r => await r.ReadAsync(), reader, Token));
        WorkerChannel<string> same = await pool.RunAsync(static c => c, channel, Token);
        Assert.Equal("two", await same.Reader.ReadAsync(Token));
        ChannelReader<string> returned = await pool.RunAsync(static c => c.Reader, channel, Token);
        Assert.True(channel.Writer.TryWrite("three"));
        Assert.Equal("three", await returned.ReadAsync(Token));
    }

    // --- In the workers ---

    private static async Task WriteAsync(ChannelWriter<int> writer, int count)
    {
        for (int i = 0; i < count; i++)
            await writer.WriteAsync(i);
        writer.Complete();
    }

    private static async Task WriteAsync(WorkerChannelWriter<(int, int)> writer, int place, int count)
    {
        for (int i = 0; i < count; i++)
            await writer.WriteAsync((place, i));
    }

    private static async Task WriteManyAsync(WorkerChannelWriter<long> writer, int count)
    {
        long[] items = new long[777];
        for (int from = 0; from < count; from += items.Length)
        {
            int length = Math.Min(items.Length, count - from);
            for (int i = 0; i < length; i++)
                items[i] = from + i;
            await writer.WriteManyAsync(items.AsMemory(0, length));
        }
        writer.Complete();
    }

    private static async Task CopyAsync(WorkerChannelReader<(int, int)> reader, WorkerChannelWriter<(int, int)> writer)
    {
        await foreach ((int, int) item in reader.ReadAllAsync())
            await writer.WriteAsync(item);
    }

    private static async Task<long> ReadLinesAsync(ChannelReader<Line> reader)
    {
        long sum = 0;
        await foreach (Line line in reader.ReadAllAsync())
        {
            if (line.Text.Any(c => c != 'a' + (line.Number % 26)))
                throw new InvalidOperationException($"Line {line.Number} is torn.");
            sum += line.Number + line.Text.Length;
        }
        return sum;
    }

    private protected static async Task<List<T>> DrainAsync<T>(ChannelReader<T> reader)
    {
        List<T> items = [];
        await foreach (T item in reader.ReadAllAsync(Token))
            items.Add(item);
        return items;
    }

    public sealed record Line(int Number, string Text);
}

public sealed class ChannelsOfThreadsTests : ChannelContract
{
    protected override WorkerPool Pool(int workers) => WorkerPool.Threads(workers);
}

public class ChannelsOfProcessesTests : ChannelContract
{
    protected override WorkerPool Pool(int workers) => WorkerPool.Processes(workers);
}

public sealed class ChannelsOverPipesTests : ChannelsOfProcessesTests
{
    private protected override ChannelTransport Transport => ChannelTransport.Pipe;
}

public sealed class ChannelsOverSocketsTests : ChannelsOfProcessesTests
{
    private protected override ChannelTransport Transport => ChannelTransport.UnixSocket;
}

public sealed class ChannelsOverFilesTests : ChannelsOfProcessesTests, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-channel-").FullName;

    private protected override ChannelTransport Transport => ChannelTransport.File;

    private protected override string NewPath() => Path.Combine(folder, $"{Guid.NewGuid():N}.log");

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
