using System.Collections.Immutable;
using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Channels;

/// <summary>What cannot be an item, and items that name what they must not: each a typed failure, and nobody is harmed.</summary>
public sealed class CarryingMisuseTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public sealed record Holder(int Number, SharedBuffer<int>? Memory);

    public sealed record Chain(string Text, ChannelWriter<Chain>? Next);

    public sealed record Twice(int[] First, int[] Second, SharedBuffer<int>? Memory);

    public sealed class Hidden(SharedBuffer<int> memory)
    {
        private readonly SharedBuffer<int> memory = memory;

        public int Length => memory.Length;
    }

    [Theory]
    [InlineData(ChannelTransport.Pipe)]
    [InlineData(ChannelTransport.UnixSocket)]
    [InlineData(ChannelTransport.File)]
    public void A_channel_that_does_not_keep_memory_is_not_made_for_it(ChannelTransport transport)
    {
        WorkerChannelOptions options = new() { Transport = transport, Path = transport == ChannelTransport.File ? Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.log") : null };
        foreach (Action make in (Action[])[() => WorkerChannel.Create<SharedBuffer<int>>(options), () => WorkerChannel.Create<Holder>(options), () => WorkerChannel.Create<ChannelWriter<int>>(options), () => WorkerChannel.Create<SharedLock>(options)])
            Assert.Contains("SharedMemory", Assert.Throws<NotPortableException>(make).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(options.Path));
    }

    [Fact]
    public void What_is_no_plain_data_around_it_is_refused()
    {
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<Hidden>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<ImmutableArray<SharedBuffer<int>>>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<SharedObject>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<(int, Remote<string>)>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<(SharedBuffer<int>, Stream)>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<ChannelWriter<Stream>>());
    }

    [Fact]
    public void What_is_not_there_any_more_or_not_for_others_is_not_written()
    {
        using WorkerChannel<Holder> holders = WorkerChannel.Create<Holder>();
        using WorkerChannel<ChannelReader<int>> sides = WorkerChannel.Create<ChannelReader<int>>();
        using WorkerChannel<Twice> twice = WorkerChannel.Create<Twice>();
        SharedBuffer<int> gone = SharedBuffer.Allocate<int>(1);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => holders.Writer.TryWrite(new(1, gone)));
        WorkerChannel<int> ended = WorkerChannel.Create<int>();
        ended.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sides.Writer.TryWrite(ended.Reader));
        Assert.Contains("WorkerChannel.Create", Assert.Throws<NotPortableException>(() => sides.Writer.TryWrite(Channel.CreateBounded<int>(1).Reader)).Message, StringComparison.Ordinal);
        int[] same = [1];
        Assert.Contains("twice", Assert.Throws<NotPortableException>(() => twice.Writer.TryWrite(new(same, same, null))).Message, StringComparison.Ordinal);
        Assert.False(holders.Reader.TryRead(out _));
        Assert.False(sides.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Memory_of_a_worker_and_of_its_host_are_not_mixed()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<ChannelWriter<int>> hosts = WorkerChannel.Create<ChannelWriter<int>>();
        string refused = await pool.RunAsync(
            static writer =>
            {
                using WorkerChannel<int> own = WorkerChannel.Create<int>();
                try
                {
                    return writer.TryWrite(own.Writer).ToString();
                }
                catch (NotPortableException e)
                {
                    return e.Message;
                }
            },
            hosts.Writer,
            Token);
        Assert.Contains("make both in one process", refused, StringComparison.Ordinal);
        Assert.False(hosts.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_channel_may_carry_itself_and_is_given_back_all_the_same()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<Chain> chain = WorkerChannel.Create<Chain>();
        Assert.True(chain.Writer.TryWrite(new("there", chain.Writer)));
        await pool.RunAsync(
            static async reader =>
            {
                Chain link = await reader.ReadAsync();
                link.Next!.TryWrite(new(link.Text + " and back", null));
            },
            chain.Reader,
            Token);
        Assert.Equal(new("there and back", null), await chain.Reader.ReadAsync(Token));
        SharedBlock block = NewOneInItself();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return IsFree(block);
            },
            Bound));
    }

    private static SharedBlock NewOneInItself()
    {
        WorkerChannel<Chain> chain = WorkerChannel.Create<Chain>();
        Assert.True(chain.Writer.TryWrite(new("", chain.Writer)));
        return chain.Memory.Block;
    }

    // --- Hostile items ---

    /// <summary>What a hostile process can write into a channel that it has: items that name what they must not.</summary>
    private static List<byte[]> Forged(SharedBlock theirs, SharedBlock another, SharedBlock channel)
    {
        BlockName name = theirs.Name;
        return
        [
            [],
            [1],
            Item(static (ref w) => w.WriteInt32(-1)),
            Item(static (ref w) => w.WriteInt32(int.MaxValue)),
            Item(static (ref w) => w.WriteInt32(IItemMemory.Most)),
            Item((ref w) => Body(ref w, name, 1), name with { Key = name.Key ^ 1 }),
            Item((ref w) => Body(ref w, name with { Key = 0 }, 1), name with { Key = 0 }),
            Item((ref w) => Body(ref w, new(int.MaxValue, 1), 1), new BlockName(int.MaxValue, 1)),
            Item((ref w) => Body(ref w, new(-1, -1), 1), new BlockName(-1, -1)),
            Item((ref w) => Body(ref w, name, 1)),   // it does not say that it carries it
            Item((ref w) => Body(ref w, name, 1), another.Name),
            Item((ref w) => Body(ref w, name, int.MaxValue), name),
            Item((ref w) => Body(ref w, name, -1), name),
            Item((ref w) => Body(ref w, channel.Name, 1), channel.Name),   // memory of another kind
            Item(static (ref w) => w.WriteBytes(new byte[4])),
        ];
    }

    private delegate void Writing(ref PayloadWriter writer);

    private static byte[] Item(Writing body, params BlockName[] names)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        body(ref writer);
        foreach (BlockName name in names)
        {
            writer.WriteInt32(name.Id);
            writer.WriteInt64(name.Key);
        }
        if (names.Length > 0)
            writer.WriteInt32(names.Length);
        return buffer.Written.ToArray();
    }

    /// <summary>A <see cref="Holder"/>.</summary>
    private static void Body(ref PayloadWriter writer, BlockName name, int length)
    {
        writer.WriteByte(1);
        writer.WriteInt32(5);
        writer.WriteByte(1);
        writer.WriteInt32(length);
        writer.WriteInt32(name.Id);
        writer.WriteInt64(name.Key);
    }

    [Fact]
    public async Task A_forged_item_fails_alone_wherever_it_is_read()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<Holder> channel = WorkerChannel.Create<Holder>();
        using SharedBuffer<int> theirs = SharedBuffer.Allocate<int>(100), another = SharedBuffer.Allocate<int>(100);
        ChannelEnd end = ChannelEnd.Of(channel.Memory);
        List<byte[]> forged = Forged(((ISharedBuffer)theirs).Block, ((ISharedBuffer)another).Block, channel.Memory.Block);
        int process = await pool.RunAsync(static () => Environment.ProcessId, Token);
        foreach (byte[] item in forged)
        {
            foreach (bool inWorker in (bool[])[false, true])
            {
                Assert.Equal(Put.Done, end.TryWrite(item, null));
                Assert.True(channel.Writer.TryWrite(new(7, theirs)));
                string failure = inWorker ? await pool.RunAsync(static reader => TryRead(reader), channel.Reader, Token) : TryRead(channel.Reader);
                Assert.Equal(nameof(InvalidDataException), failure);
                Assert.Equal("7", inWorker ? await pool.RunAsync(static reader => TryRead(reader), channel.Reader, Token) : TryRead(channel.Reader));
            }
        }
        Assert.Equal(process, await pool.RunAsync(static () => Environment.ProcessId, Token));
        Assert.Equal(0, ((ChannelPage)channel.Memory.Block.Content!).LoadedItems);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_read_before_an_item_that_fails_is_handed_out(bool awaited)
    {
        using WorkerChannel<Holder> channel = WorkerChannel.Create<Holder>();
        using SharedBuffer<int> theirs = SharedBuffer.Allocate<int>(100), another = SharedBuffer.Allocate<int>(100);
        ChannelEnd end = ChannelEnd.Of(channel.Memory);
        byte[] forged = Forged(((ISharedBuffer)theirs).Block, ((ISharedBuffer)another).Block, channel.Memory.Block)[0];
        Assert.True(channel.Writer.TryWrite(new(1, theirs)));
        Assert.Equal(Put.Done, end.TryWrite(forged, null));
        Assert.True(channel.Writer.TryWrite(new(2, theirs)));
        var room = new Holder[3];
        async Task<int> ReadAsync() => awaited ? await channel.Reader.ReadManyAsync(room, Token) : channel.Reader.TryReadMany(room);

        Assert.Equal((1, 1), (await ReadAsync(), room[0].Number));
        room[0].Memory!.Dispose();
        await Assert.ThrowsAsync<InvalidDataException>(ReadAsync);
        Assert.Equal((1, 2), (await ReadAsync(), room[0].Number));
        room[0].Memory!.Dispose();
    }

    private static string TryRead(ChannelReader<Holder> reader)
    {
        try
        {
            if (!reader.TryRead(out Holder? item))
                return "nothing";
            using (item.Memory)
                return $"{item.Number}";
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }

    [Fact]
    public async Task A_name_is_no_name_any_more_once_the_memory_is_used_again()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<Holder> channel = WorkerChannel.Create<Holder>();
        ChannelEnd end = ChannelEnd.Of(channel.Memory);
        SharedBlock block;
        BlockName old;
        byte[] item;
        SharedBuffer<int> last;
        int tries = 0;
        do
        {
            SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(50_123, pool);
            block = ((ISharedBuffer)buffer).Block;
            old = block.Name;
            item = Item((ref w) => Body(ref w, old, 1), old);
            await pool.RunAsync(static b => b.Length, buffer, Token);
            buffer.Dispose();
            Assert.Equal(Put.Done, end.TryWrite(item, null));
            Assert.Equal(nameof(InvalidDataException), TryRead(channel.Reader));
            last = SharedBuffer.Allocate<int>(50_123, pool);
            Assert.True(++tries < 100, "The memory is never used again.");
        }
        while (((ISharedBuffer)last).Block != block);   // other tests, beside this one, may have had it thrown away
        using SharedBuffer<int> again = last;
        Assert.NotEqual(old, block.Name);
        Assert.Equal(Put.Done, end.TryWrite(item, null));
        Assert.Equal(nameof(InvalidDataException), TryRead(channel.Reader));
        Assert.Equal(Put.Done, end.TryWrite(item, null));
        Assert.Equal(nameof(InvalidDataException), await pool.RunAsync(static reader => TryRead(reader), channel.Reader, Token));
        Assert.True(channel.Writer.TryWrite(new(8, again)));
        Assert.Equal("8", await pool.RunAsync(static reader => TryRead(reader), channel.Reader, Token));
    }

    // --- Hostile workers ---

    /// <summary>What it says of items: of what it does not have, of what is none, of places that are none. It is passed over, or ends the liar.</summary>
    [Theory]
    [InlineData("rubbish", false)]
    [InlineData("another's memory", false)]
    [InlineData("no channel", true)]
    [InlineData("too much", true)]
    [InlineData("half a word", true)]
    public async Task Lies_about_items_harm_nobody(string lie, bool endsTheLiar)
    {
        await using WorkerPool pool = WorkerPool.Processes(1), others = WorkerPool.Processes(1);
        using WorkerChannel<Holder> channel = WorkerChannel.Create<Holder>();
        using var gate = new SharedLock();
        using SharedBuffer<int> secret = SharedBuffer.Allocate<int>(10);
        SharedBlock block = ((ISharedBuffer)secret).Block;
        await others.RunAsync(static b => b.Length, secret, Token);
        int id = block.Id;
        Task<int> lying = pool.RunAsync(() => Lie(channel.Memory.Block, gate.Memory.Block, lie, id), Token);
        if (endsTheLiar)
        {
            WorkerCrashedException end = await Assert.ThrowsAsync<WorkerCrashedException>(() => lying.WaitAsync(Bound, Token));
            Assert.Equal(CrashReason.ProtocolViolation, end.Reason);
        }
        else
        {
            Assert.Equal(1, await lying.WaitAsync(Bound, Token));
        }
        secret.Dispose();
        Assert.True(IsFree(block));   // nobody keeps what the liar did not have
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(10);
        Assert.True(channel.Writer.TryWrite(new(9, buffer)));
        Assert.Equal("9", await others.RunAsync(static reader => TryRead(reader), channel.Reader, Token));
    }

    /// <summary>In the worker.</summary>
    private static async Task<int> Lie(SharedBlock channel, SharedBlock gate, string lie, int id)
    {
        var blocks = (Child.Lane.WorkerBlocks)channel.Host!;
        var random = new Random(3);
        switch (lie)
        {
            case "rubbish":
                for (int i = 0; i < 20_000; i++)
                {
                    blocks.Load(channel, random.Next(-100, 100), random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64), [channel, gate]);
                    blocks.Unload(channel, random.Next(-100, 100), random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64));
                }
                break;
            case "another's memory":
                blocks.Send(FrameKind.ItemLoaded, channel.Id, [.. new byte[12], .. BitConverter.GetBytes(id), .. BitConverter.GetBytes(int.MinValue)], isUrgent: true);
                for (long key = 0; key < 1000; key++)
                {
                    if (await blocks.AskAsync(new(id, key)) is not null)
                        return 0;
                }
                break;
            case "no channel":
                blocks.Load(gate, 0, 0, []);
                break;
            case "too much":
                blocks.Load(channel, 0, 0, [.. Enumerable.Repeat(gate, IItemMemory.Most + 1)]);
                break;
            default:
                blocks.Send(FrameKind.ItemDone, channel.Id, [1, 2, 3], isUrgent: true);
                break;
        }
        return await blocks.AskAsync(channel.Name) is null ? 0 : 1;   // what was sent before is handled then
    }

    /// <summary>It is counted for who wrote it until it is kept no more; a worker that holds too much gets nothing.</summary>
    [Fact]
    public void What_items_hold_is_counted_and_has_one_place_for_each_slot()
    {
        using WorkerChannel<Holder> channel = WorkerChannel.Create<Holder>(new() { Capacity = 4 });
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(10);
        SharedBlock memory = ((ISharedBuffer)buffer).Block;
        var page = (ChannelPage)channel.Memory.Block.Content!;
        var held = new HeldBytes();
        for (int i = 0; i < 1000; i++)
            page.Load(channel.Memory.Block, 77, i, 1_000_000_000 + i, [memory], held);
        Assert.InRange(page.LoadedItems, 1, ChannelWords.Parties * new ChannelLayout(page.Parameter).Slots);
        Assert.Equal(page.LoadedItems * memory.Length, held.Total);
        page.OnWorkerEnded(channel.Memory.Block, 77, Platform.Linux.ProcessEnd.Unknown);
        Assert.Equal((0, 0L), (page.LoadedItems, held.Total));
        page.Load(channel.Memory.Block, 77, 0, 1_000_000_000, [memory], held);
        channel.Dispose();
        page.Load(channel.Memory.Block, 77, 0, 1_000_000_000, [memory], held);
        Assert.Equal((0, 0L), (page.LoadedItems, held.Total));
    }

    private static bool IsFree(SharedBlock block)
    {
        if (!block.TryAddReference())
            return true;
        block.Release();
        return false;
    }
}
