using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.SharedBuffers;

namespace Kernmantle.Tests.Channels;

/// <summary>Items that are, or hold, channels' sides, shared buffers and shared objects.</summary>
public abstract class CarryingContract
{
    private protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract WorkerPool Pool(int workers);

    public sealed record Request(int Number, ChannelWriter<int> Reply);

    public sealed record Part(string Name, SharedBuffer<int> Content, SharedValue<long>? Sum, WorkerChannelWriter<Part>? Back);

    // --- Channels' sides ---

    [Fact]
    public async Task A_worker_replies_to_where_a_request_says()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<Request> requests = WorkerChannel.Create<Request>();
        using WorkerChannel<int> even = WorkerChannel.Create<int>(), odd = WorkerChannel.Create<int>();
        Task serving = pool.RunAsync(static reader => ServeAsync(reader), requests.Reader, Token);
        for (int i = 0; i < 100; i++)
        {
            await requests.Writer.WriteAsync(new(i, (i % 2 == 0 ? even : odd).Writer), Token);
            Assert.Equal(i * i, await (i % 2 == 0 ? even : odd).Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        }
        requests.Writer.Complete();
        await serving.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task The_host_replies_to_where_a_workers_request_says()
    {
        await using WorkerPool pool = Pool(2);
        using WorkerChannel<Request> requests = WorkerChannel.Create<Request>();
        using WorkerChannel<int> first = WorkerChannel.Create<int>(), second = WorkerChannel.Create<int>();
        Task serving = ServeAsync(requests.Reader);
        WorkerChannelWriter<Request> writer = requests.Writer;
        Task<int>[] asking = [.. new[] { first, second }.Select((reply, i) => pool.RunAsync(() => AskAsync(writer, reply, i * 1000), Token))];
        int[] wrong = await Task.WhenAll(asking).WaitAsync(Bound, Token);
        Assert.Equal([0, 0], wrong);
        requests.Writer.Complete();
        await serving.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task Workers_serve_each_other()
    {
        await using WorkerPool pool = Pool(4);
        using WorkerChannel<Request> requests = WorkerChannel.Create<Request>(new() { Capacity = 8 });
        using WorkerChannel<int> first = WorkerChannel.Create<int>(), second = WorkerChannel.Create<int>();
        Task[] serving = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(static reader => ServeAsync(reader), requests.Reader, Token))];
        WorkerChannelWriter<Request> writer = requests.Writer;
        Task<int>[] asking = [.. new[] { first, second }.Select((reply, i) => pool.RunAsync(() => AskAsync(writer, reply, i * 1000), Token))];
        int[] wrong = await Task.WhenAll(asking).WaitAsync(Bound, Token);
        Assert.Equal([0, 0], wrong);
        requests.Writer.Complete();
        await Task.WhenAll(serving).WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task A_channel_of_channels_and_a_reader_as_an_item_of_its_own()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<WorkerChannel<string>> whole = WorkerChannel.Create<WorkerChannel<string>>();
        using WorkerChannel<ChannelReader<string>> readers = WorkerChannel.Create<ChannelReader<string>>();
        using WorkerChannel<string> texts = WorkerChannel.Create<string>();
        Task<string> reading = pool.RunAsync(
            static async (channels, sides) =>
            {
                ChannelReader<string> reader = await sides.ReadAsync();
                WorkerChannel<string> channel = await channels.ReadAsync();
                string text = await reader.ReadAsync();
                channel.Writer.TryWrite(text + "!");
                return text;
            },
            whole.Reader,
            readers.Reader,
            Token);
        Assert.True(readers.Writer.TryWrite(texts.Reader));
        Assert.True(texts.Writer.TryWrite("here"));
        Assert.True(whole.Writer.TryWrite(texts));
        Assert.Equal("here", await reading.WaitAsync(Bound, Token));
        Assert.Equal("here!", await texts.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
    }

    // --- Buffers ---

    [Fact]
    public async Task A_buffer_is_the_same_memory_for_who_writes_and_who_reads_it()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<SharedBuffer<int>> there = WorkerChannel.Create<SharedBuffer<int>>(), back = WorkerChannel.Create<SharedBuffer<int>>();
        Task doubling = pool.RunAsync(
            static async (reader, writer) =>
            {
                await foreach (SharedBuffer<int> each in reader.ReadAllAsync())
                {
                    using (each)
                    {
                        foreach (ref int item in each.Span)
                            item *= 2;
                        await writer.WriteAsync(each);
                    }
                }
            },
            there.Reader,
            back.Writer,
            Token);
        for (int i = 1; i <= 20; i++)
        {
            using SharedBuffer<int> mine = SharedBuffer.Allocate<int>(100_000 + i);
            mine.Span.Fill(i);
            await there.Writer.WriteAsync(mine, Token);
            using SharedBuffer<int> same = await back.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token);
            Assert.NotSame(mine, same);
            Assert.Equal(mine.Length, same.Length);
            Assert.True(Unsafe.AreSame(ref mine.Span[0], ref same.Span[0]));
            Assert.Equal(2 * i, mine.Span[^1]);
        }
        there.Writer.Complete();
        await doubling.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task What_a_worker_allocates_another_one_reads_and_the_host_sees_neither()
    {
        const int Count = 50;
        await using WorkerPool pool = Pool(2);
        using WorkerChannel<Part> parts = WorkerChannel.Create<Part>(new() { Capacity = 4 });
        using var sum = new SharedValue<long>();
        WorkerChannelWriter<Part> writer = parts.Writer;
        Task writing = pool.RunAsync(
            async () =>
            {
                for (int i = 0; i < Count; i++)
                {
                    using SharedBuffer<int> content = SharedBuffer.Allocate<int>(50_000);
                    content.Span.Fill(i);
                    await writer.WriteAsync(new($"part {i}", content, sum, null));
                }
                writer.Complete();
            },
            Token);
        Task<int> reading = pool.RunAsync(
            static async reader =>
            {
                int count = 0;
                await foreach (Part part in reader.ReadAllAsync())
                {
                    using SharedBuffer<int> content = part.Content;
                    if (part.Name != $"part {count}" || content.Span.ContainsAnyExcept(count))
                        throw new InvalidOperationException($"{part.Name} is not what was written.");
                    part.Sum!.Add(content.Span[0]);
                    count++;
                }
                return count;
            },
            parts.Reader,
            Token);
        Assert.Equal(Count, await reading.WaitAsync(Bound, Token));
        await writing;
        Assert.Equal(Count * (Count - 1) / 2, sum.Read());
        Assert.Equal(0, LoadedIn(parts));
    }

    [Fact]
    public async Task A_worker_gets_back_what_it_has_sent_and_sends_it_again()
    {
        await using WorkerPool pool = Pool(2);
        using WorkerChannel<Part> there = WorkerChannel.Create<Part>(), back = WorkerChannel.Create<Part>();
        WorkerChannelWriter<Part> writer = there.Writer, answers = back.Writer;
        WorkerChannelReader<Part> reader = back.Reader;
        Task<int> first = pool.RunAsync(
            async () =>
            {
                SharedBuffer<int> one = SharedBuffer.Allocate<int>(10_000);
                one.Span[0] = 0;
                for (int i = 0; i < 100; i++)
                {
                    writer.TryWrite(new("", one, null, answers));
                    if (i % 3 != 0)
                        one.Dispose();   // before the other has it, or after, or (each third) later
                    Part answer = await reader.ReadAsync();
                    one.Dispose();
                    one = answer.Content;
                }
                writer.Complete();
                using (one)
                    return one.Span[0];
            },
            Token);
        Task second = pool.RunAsync(
            static async requests =>
            {
                while (await requests.WaitToReadAsync())
                {
                    while (requests.TryRead(out Part? part))
                    {
                        part.Content.Span[0]++;
                        part.Back!.TryWrite(part with { Back = null });
                        part.Content.Dispose();
                    }
                }
            },
            there.Reader,
            Token);
        Assert.Equal(100, await first.WaitAsync(Bound, Token));
        await second.WaitAsync(Bound, Token);
    }

    // --- Other objects ---

    [Fact]
    public async Task Locks_and_the_like_are_the_same_object()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<(SharedLock, SharedEvent, SharedArray<int>)> channel = WorkerChannel.Create<(SharedLock, SharedEvent, SharedArray<int>)>();
        using var gate = new SharedLock();
        using SharedEvent begun = new(), done = new();
        using var numbers = new SharedArray<int>(3);
        Task working = pool.RunAsync(
            static async reader =>
            {
                (SharedLock gate, SharedEvent begun, SharedArray<int> numbers) = await reader.ReadAsync();
                begun.Set();
                using (gate.Enter())
                    numbers[1] = 5;
            },
            channel.Reader,
            Token);
        using (gate.Enter(cancellationToken: Token))
        {
            Assert.True(channel.Writer.TryWrite((gate, begun, numbers)));
            Assert.True(begun.Wait(Bound, Token));
            Assert.Equal(0, numbers[1]);
        }
        await working.WaitAsync(Bound, Token);
        Assert.Equal(5, numbers[1]);
    }

    // --- By every way of reading ---

    [Fact]
    public async Task Many_at_once_and_deliveries()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<SharedBuffer<long>[]> channel = WorkerChannel.Create<SharedBuffer<long>[]>(new() { Redeliver = true });
        using SharedBuffer<long> first = SharedBuffer.Allocate<long>(1), second = SharedBuffer.Allocate<long>(1);
        (first.Span[0], second.Span[0]) = (1, 2);
        Assert.Equal(3, channel.Writer.TryWriteMany([[first, second, first], [], [second]]));
        Task<long> reading = pool.RunAsync(
            static async reader =>
            {
                var room = new SharedBuffer<long>[2][];
                long sum = 0;
                for (int left = 2; left > 0;)
                {
                    int read = await reader.ReadManyAsync(room.AsMemory(0, left));
                    sum += room.Take(read).Sum(static r => r.Sum(static b => b.Span[0]));
                    left -= read;
                }
                ChannelDelivery<SharedBuffer<long>[]> last = await reader.TakeAsync();
                sum += 100 * last.Item[0].Span[0];
                last.Complete();
                return sum;
            },
            channel.Reader,
            Token);
        Assert.Equal(4 + 200, await reading.WaitAsync(Bound, Token));
        Assert.Equal(0, LoadedIn(channel));
    }

    [Fact]
    public async Task Nothing_is_nothing()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<Part?> channel = WorkerChannel.Create<Part?>();
        Assert.True(channel.Writer.TryWrite(null));
        Assert.True(channel.Writer.TryWrite(new("", null!, null, null)));
        Assert.True(await pool.RunAsync(static async r => await r.ReadAsync() is null && await r.ReadAsync() is { Content: null, Sum: null, Back: null }, channel.Reader, Token));
    }

    // --- Whose the memory is ---

    [Theory]
    [InlineData(BoundedChannelFullMode.DropOldest)]
    [InlineData(BoundedChannelFullMode.DropNewest)]
    [InlineData(BoundedChannelFullMode.DropWrite)]
    public async Task What_is_dropped_is_given_back(BoundedChannelFullMode mode)
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<SharedBuffer<int>> channel = WorkerChannel.Create<SharedBuffer<int>>(new() { Capacity = 2, FullMode = mode });
        await pool.RunAsync(
            static writer =>
            {
                for (int i = 0; i < 10; i++)
                {
                    using SharedBuffer<int> item = SharedBuffer.Allocate<int>(10);
                    item.Span[0] = i;
                    writer.TryWrite(item);
                }
            },
            channel.Writer,
            Token);
        Assert.Equal(8, channel.Dropped);
        Assert.True(SpinWait.SpinUntil(() => LoadedIn(channel) == 2, Bound));
        List<int> left = [];
        while (channel.Reader.TryRead(out SharedBuffer<int>? item))
        {
            using (item)
                left.Add(item.Span[0]);
        }
        Assert.Equal(mode switch { BoundedChannelFullMode.DropOldest => [8, 9], BoundedChannelFullMode.DropNewest => [0, 9], _ => [0, 1] }, left);
        Assert.Equal(0, LoadedIn(channel));
    }

    [Fact]
    public async Task Memory_lives_as_long_as_an_item_that_carries_it()
    {
        await using WorkerPool pool = Pool(1);
        using WorkerChannel<SharedBuffer<int>> channel = WorkerChannel.Create<SharedBuffer<int>>();
        SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(10);
        SharedBlock block = ((ISharedBuffer)buffer).Block;
        buffer.Span[3] = 33;
        Assert.True(channel.Writer.TryWrite(buffer));
        buffer.Dispose();
        using (SharedBuffer<int> other = SharedBuffer.Allocate<int>(10))
            other.Span.Fill(-1);
        Assert.Equal(33, await pool.RunAsync(
            static reader =>
            {
                if (!reader.TryRead(out SharedBuffer<int>? mine))
                    return -1;
                using (mine)
                    return mine.Span[3];
            },
            channel.Reader,
            Token));
        Assert.True(SpinWait.SpinUntil(() => IsFree(block), Bound));
    }

    [Fact]
    public void Disposal_gives_back_what_nobody_has_read()
    {
        WorkerChannel<SharedBuffer<int>> channel = WorkerChannel.Create<SharedBuffer<int>>();
        SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(10);
        SharedBlock block = ((ISharedBuffer)buffer).Block;
        Assert.True(channel.Writer.TryWrite(buffer));
        buffer.Dispose();
        Assert.False(IsFree(block));
        channel.Dispose();
        Assert.True(IsFree(block));
    }

    private protected static bool IsFree(SharedBlock block)
    {
        if (!block.TryAddReference())
            return true;
        block.Release();
        return false;
    }

    private protected static int LoadedIn<T>(WorkerChannel<T> channel) => ((ChannelPage)channel.Memory.Block.Content!).LoadedItems;

    // --- In the workers, and here ---

    private static async Task ServeAsync(ChannelReader<Request> requests)
    {
        await foreach (Request request in requests.ReadAllAsync())
            await request.Reply.WriteAsync(request.Number * request.Number);
    }

    /// <summary>Returns how many answers were wrong.</summary>
    private static async Task<int> AskAsync(WorkerChannelWriter<Request> requests, WorkerChannel<int> reply, int from)
    {
        int wrong = 0;
        for (int i = from; i < from + 100; i++)
        {
            await requests.WriteAsync(new(i, reply.Writer));
            wrong += await reply.Reader.ReadAsync() == i * i ? 0 : 1;
        }
        return wrong;
    }
}

public sealed class CarryingByThreadsTests : CarryingContract
{
    protected override WorkerPool Pool(int workers) => WorkerPool.Threads(workers);
}

public sealed class CarryingByProcessesTests : CarryingContract
{
    protected override WorkerPool Pool(int workers) => WorkerPool.Processes(workers);
}
