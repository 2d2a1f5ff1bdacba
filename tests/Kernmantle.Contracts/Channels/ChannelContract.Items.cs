namespace Kernmantle.Contracts.Channels;

/// <summary>Items arrive: whole, once, in order.</summary>
public abstract partial class ChannelContract
{
    [Fact]
    public async Task Numbers_arrive_in_the_order_in_which_they_were_written()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        int count = 20_000 / workers.Slowness;
        using WorkerChannel<int> channel = Make<int>();
        Task writing = workers.WriteAllAsync(channel.Writer, count);
        int next = 0;
        await foreach (int item in channel.Reader.ReadAllAsync(Token))
            Assert.Equal(next++, item);
        Assert.Equal(count, next);
        await writing;
        await channel.Reader.Completion.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task Texts_and_records_of_any_length_arrive_whole()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        int count = 3000 / workers.Slowness;
        using WorkerChannel<ChannelLine> channel = Make<ChannelLine>(capacity: 100);
        Task<long> reading = workers.SumLinesAsync(channel.Reader);
        long sum = 0;
        var random = new Random(5);
        for (int i = 0; i < count; i++)
        {
            var line = new ChannelLine(i, new string((char)('a' + (i % 26)), random.Next(i % 50 == 0 ? 1900 : 60)));
            sum += line.Number + line.Text.Length;
            await channel.Writer.WriteAsync(line, Token);
        }
        channel.Writer.Complete();
        Assert.Equal(sum, await reading);
    }

    [Fact]
    public async Task Many_write_and_many_read_and_each_item_is_read_once()
    {
        await using ChannelWorkers workers = await StartAsync(4);
        int count = 5000 / workers.Slowness;
        using WorkerChannel<(int Writer, int Number)> channel = Make<(int, int)>(capacity: 16), seen = Make<(int, int)>(capacity: 1000);
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => workers.CopyAsync(channel.Reader, seen.Writer))];
        Task[] writers = [.. Enumerable.Range(0, 2).Select(place => workers.WriteAsync(channel.Writer, place, count))];
        Task<List<(int, int)>> all = DrainAsync(seen.Reader);
        for (int i = 0; i < count; i++)
            await channel.Writer.WriteAsync((2, i), Token);
        await Task.WhenAll(writers);
        channel.Writer.Complete();
        await Task.WhenAll(readers);
        seen.Writer.Complete();
        List<(int, int)> items = await all;
        Assert.Equal(3 * count, items.Count);
        Assert.Equal(3 * count, items.Distinct().Count());
    }

    [Fact]
    public async Task Each_writers_items_keep_their_order_where_many_write()
    {
        await using ChannelWorkers workers = await StartAsync(3);
        int count = 5000 / workers.Slowness;
        using WorkerChannel<(int Writer, int Number)> channel = Make<(int, int)>(capacity: 16);
        Task writing = Task.WhenAll(Enumerable.Range(0, 3).Select(place => workers.WriteAsync(channel.Writer, place, count)));
        int[] next = new int[3];
        for (int i = 0; i < 3 * count; i++)
        {
            (int place, int number) = await channel.Reader.ReadAsync(Token);
            Assert.Equal(next[place]++, number);
        }
        await writing;
        Assert.False(channel.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Items_can_be_read_and_written_many_at_once()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        int count = 50_000 / workers.Slowness;
        using WorkerChannel<long> channel = Make<long>(capacity: 1000);
        Task writing = workers.WriteManyAsync(channel.Writer, count);
        long next = 0;
        long[] room = new long[333];
        while (await channel.Reader.ReadManyAsync(room, Token) is > 0 and int read)
        {
            for (int i = 0; i < read; i++)
                Assert.Equal(next++, room[i]);
        }
        Assert.Equal(count, next);
        await writing;
    }

    [Fact]
    public async Task It_crosses_as_a_whole_and_as_what_the_platform_calls_its_sides_and_comes_back()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        using WorkerChannel<string> channel = Make<string>();
        await workers.WriteOneAsync(channel.Writer, "one");
        WorkerChannel<string> same = await workers.ReturnAsync(channel, "two");
        Assert.Equal("one", await workers.ReadOneAsync(channel.Reader));
        Assert.Equal("two", await same.Reader.ReadAsync(Token));
        Assert.True(channel.Writer.TryWrite("three"));
        Assert.Equal("three", await (await workers.ReturnAsync(channel.Reader)).ReadAsync(Token));
    }
}
