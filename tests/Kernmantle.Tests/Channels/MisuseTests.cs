using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.Channels.Rings;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;

namespace Kernmantle.Tests.Channels;

/// <summary>Bad input, wrong use, and what a hostile worker can write.</summary>
public sealed class MisuseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void What_cannot_be_is_not_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerChannel.Create<int>(new() { Capacity = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerChannel.Create<int>(new() { Capacity = int.MaxValue }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerChannel.Create<string>(new() { BufferBytes = 10 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerChannel.Create<int>(new() { FullMode = (BoundedChannelFullMode)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => WorkerChannel.Create<int>(new() { Transport = (ChannelTransport)9 }));
        Assert.Throws<ArgumentException>(static () => WorkerChannel.Create<int>(new() { Transport = ChannelTransport.Pipe, Redeliver = true }));
        Assert.Throws<ArgumentException>(static () => WorkerChannel.Create<int>(new() { Transport = ChannelTransport.UnixSocket, FullMode = BoundedChannelFullMode.DropOldest }));
        Assert.Throws<ArgumentException>(static () => WorkerChannel.Create<int>(new() { Transport = ChannelTransport.File }));
        Assert.Throws<ArgumentException>(static () => WorkerChannel.Create<int>(new() { Path = "items.log" }));
        Assert.Throws<ArgumentException>(static () => WorkerChannel.Create<int>(new() { FlushToDisk = true }));
        Assert.Throws<DirectoryNotFoundException>(static () => WorkerChannel.Create<int>(new() { Transport = ChannelTransport.File, Path = "/no/such/folder/items.log" }));
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<Stream>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<CancellationToken>());
        Assert.Throws<NotPortableException>(static () => WorkerChannel.Create<IProgress<int>>());
    }

    [Fact]
    public void An_item_larger_than_the_memory_for_it_is_refused()
    {
        using WorkerChannel<string> channel = WorkerChannel.Create<string>(new() { BufferBytes = 4096 });
        PayloadTooLargeException refused = Assert.Throws<PayloadTooLargeException>(() => channel.Writer.TryWrite(new('x', 3000)));
        Assert.Contains("4096", refused.Message.Replace(",", "").Replace(" ", ""), StringComparison.Ordinal);
        Assert.True(channel.Writer.TryWrite(new('x', 2000)));
        Assert.True(channel.Reader.TryRead(out string? read));
        Assert.Equal(2000, read.Length);
    }

    [Fact]
    public async Task A_channel_of_the_platform_cannot_cross()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        NotPortableException refused = await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static reader => reader.Count, Channel.CreateBounded<int>(1).Reader, Token));
        Assert.Contains("WorkerChannel.Create", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_memory_is_shared_it_is_refused_with_the_remedy()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.Socket });
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        NotPortableException refused = await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static reader => reader.Count, channel.Reader, Token));
        Assert.Contains("WorkerTransport.Socket", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inside_of_another_value_it_cannot_cross()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        await Assert.ThrowsAsync<NotPortableException>(() => pool.RunAsync(static list => list.Count, new List<ChannelReader<int>> { channel.Reader }, Token));
    }

    [Fact]
    public unsafe void More_processes_than_can_share_one_are_told()
    {
        var page = new ChannelPage(ChannelLayout.Of(new() { Capacity = 4 }, sizeof(int)), isEndedByDeath: true, attachments: []);
        var layout = new ChannelLayout(page.Parameter);
        StateMemory memory = StateMemory.Create(page, layout.TotalBytes, isReserved: false);
        for (int i = 0; i < ChannelWords.Parties; i++)
            ChannelEnd.SeatOf(memory.Items, i).Name = 1000 + i;
        Assert.Contains("64", Assert.Throws<InvalidOperationException>(() => ChannelEnd.Of(memory)).Message, StringComparison.Ordinal);
        page.OnWorkerEnded(memory.Block, 1003, ProcessEnd.Unknown);
        Assert.Equal(4, ChannelEnd.Of(memory).Seat);
        GC.KeepAlive(memory);
    }

    /// <summary>Whatever stands in the memory: nothing crashes, nothing takes for ever, and what is read is a typed failure or a value.</summary>
    [Theory]
    [InlineData(1, BoundedChannelFullMode.Wait)]
    [InlineData(2, BoundedChannelFullMode.DropOldest)]
    [InlineData(3, BoundedChannelFullMode.DropNewest)]
    [InlineData(4, BoundedChannelFullMode.DropWrite)]
    public async Task Rubbish_in_every_word_harms_nobody_but_the_channel(int seed, BoundedChannelFullMode mode)
    {
        var random = new Random(seed);
        for (int round = 0; round < 150; round++)
        {
            using WorkerChannel<string> texts = WorkerChannel.Create<string>(new() { Capacity = 5, BufferBytes = 4096, FullMode = mode, Redeliver = round % 2 == 0 });
            using WorkerChannel<(int, long)> numbers = WorkerChannel.Create<(int, long)>(new() { Capacity = 5, FullMode = mode, Redeliver = round % 2 == 0 });
            for (int step = 0; step < 100; step++)
            {
                Spoil(texts.Memory, random);
                Spoil(numbers.Memory, random);
                await UseAsync(texts, "text", random);
                await UseAsync(numbers, (1, 2), random);
            }
        }
    }

    private static async Task UseAsync<T>(WorkerChannel<T> channel, T item, Random random)
    {
        try
        {
            switch (random.Next(10))
            {
                case 0:
                    _ = channel.Reader.TryReadMany(new T[3]);
                    break;
                case 1:
                    _ = channel.Writer.TryWriteMany(new T[] { item, item, item });
                    break;
                case 2:
                    _ = channel.Reader.Count + channel.Lost + channel.Dropped;
                    break;
                case 3:
                    ((ChannelPage)channel.Memory.Block.Content!).OnWorkerEnded(channel.Memory.Block, random.Next(3), ProcessEnd.Unknown);
                    break;
                case 4:
                    if (channel.Reader.TryTake(out ChannelDelivery<T>? delivery))
                        delivery.Complete();
                    break;
                case 5 when random.Next(20) == 0:
                    _ = channel.Writer.TryComplete(new InvalidOperationException("enough"));
                    break;
                case 6:
                    using (var over = new CancellationTokenSource())
                    {
                        Task<bool> wait = channel.Reader.WaitToReadAsync(over.Token).AsTask();
                        await over.CancelAsync();
                        await wait;
                    }
                    break;
                case 7:
                    _ = channel.Reader.TryRead(out _);
                    break;
                default:
                    _ = channel.Writer.TryWrite(item);
                    break;
            }
        }
        catch (Exception e) when (e is InvalidDataException or OperationCanceledException or RemoteException or ChannelWritersLostException or InvalidOperationException)
        {
            // What the words say.
        }
    }

    private static unsafe void Spoil(StateMemory memory, Random random)
    {
        var layout = new ChannelLayout(memory.Parameter);
        byte* words = memory.Items;
        long at = random.Next(3) switch
        {
            0 => random.Next(ChannelWords.Seats / 8) * 8,
            1 => ChannelWords.Seats + (random.Next(4) * PartySeat.Size) + (random.Next(2) * 8),
            _ => ChannelWords.Size + (random.Next(2) * layout.RingBytes) + (random.Next(4) switch
            {
                0 => random.Next(3) * 64,
                1 => random.Next((int)layout.RingBytes / 8) * 8,
                _ => RingWords.Size + (random.Next(layout.Slots) * layout.SlotBytes) + (random.Next(3) == 0 ? 8 : 0),
            }),
        };
        ref long word = ref Unsafe.AsRef<long>(words + at);
        word = random.Next(7) switch
        {
            0 => random.NextInt64(),
            1 => -1,
            2 => 0,
            3 => word + random.Next(-3, 4),
            4 => new SlotWord(RingWords.First + random.Next(20), (SlotState)random.Next(7), random.Next(64), random.Next(3)).Bits,
            5 => word ^ (1L << random.Next(64)),
            _ => random.Next(10),
        };
        GC.KeepAlive(memory);
    }
}
