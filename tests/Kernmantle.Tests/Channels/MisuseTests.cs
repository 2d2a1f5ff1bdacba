using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;

namespace Kernmantle.Tests.Channels;

/// <summary>Bad input and wrong use.</summary>
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
}
