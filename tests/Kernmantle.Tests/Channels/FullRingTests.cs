using System.Threading.Channels;

namespace Kernmantle.Tests.Channels;

/// <summary>Where an item finds its place in a ring that is full, or that only looks so.</summary>
public sealed class FullRingTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BoundedChannelFullMode.Wait)]
    [InlineData(BoundedChannelFullMode.DropOldest)]
    [InlineData(BoundedChannelFullMode.DropNewest)]
    [InlineData(BoundedChannelFullMode.DropWrite)]
    public async Task The_largest_item_fits_wherever_the_last_one_ended(BoundedChannelFullMode mode)
    {
        using WorkerChannel<string> channel = WorkerChannel.Create<string>(new() { BufferBytes = 4096, FullMode = mode });
        for (int length = 0; length <= 2046; length += 31)
        {
            Assert.True(channel.Writer.TryWrite(new('a', length)));
            Assert.True(channel.Reader.TryRead(out _));
            await channel.Writer.WriteAsync(new('b', 2046), Token).AsTask().WaitAsync(Bound, Token);   // all of the memory
            Assert.True(channel.Reader.TryRead(out string? largest));
            Assert.Equal(2046, largest.Length);
        }
        Assert.Equal(0, channel.Dropped);
    }

    [Fact]
    public void The_largest_item_takes_the_place_of_the_only_one()
    {
        using WorkerChannel<string> channel = WorkerChannel.Create<string>(new() { BufferBytes = 4096, Capacity = 1, FullMode = BoundedChannelFullMode.DropNewest });
        Assert.True(channel.Writer.TryWrite(new('a', 100)));
        Assert.True(channel.Reader.TryRead(out _));
        Assert.True(channel.Writer.TryWrite(new('b', 100)));
        Assert.True(channel.Writer.TryWrite(new('c', 2046)));
        Assert.True(channel.Reader.TryRead(out string? largest));
        Assert.Equal(2046, largest.Length);
        Assert.Equal(1, channel.Dropped);
    }

    [Fact]
    public void An_item_for_which_the_place_of_the_newest_is_too_small_is_dropped_itself()
    {
        using WorkerChannel<string> channel = WorkerChannel.Create<string>(new() { BufferBytes = 4096, FullMode = BoundedChannelFullMode.DropNewest });
        Assert.True(channel.Writer.TryWrite(new('a', 1000)));
        Assert.True(channel.Writer.TryWrite(new('b', 10)));
        Assert.True(channel.Writer.TryWrite(new('c', 2000)));
        Assert.Equal(1, channel.Dropped);
        Assert.True(channel.Reader.TryRead(out string? first) && channel.Reader.TryRead(out string? second) && first[0] == 'a' && second[0] == 'b');
        Assert.False(channel.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Who_gives_up_on_a_large_item_waits_for_no_room_for_it()
    {
        using WorkerChannel<string> channel = WorkerChannel.Create<string>(new() { BufferBytes = 4096 });
        Assert.True(channel.Writer.TryWrite(new('a', 1000)));
        Assert.False(channel.Writer.TryWrite(new('b', 2000)));
        Assert.True(channel.Writer.TryWrite("c"));
        Assert.True(await channel.Writer.WaitToWriteAsync(Token).AsTask().WaitAsync(Bound, Token));
    }

    [Fact]
    public void While_a_reader_has_the_oldest_item_the_newest_one_makes_room()
    {
        using WorkerChannel<int> channel = WorkerChannel.Create<int>(new() { Capacity = 4, FullMode = BoundedChannelFullMode.DropOldest });
        Assert.Equal(4, channel.Writer.TryWriteMany([1, 2, 3, 4]));
        Assert.True(channel.Reader.TryTake(out ChannelDelivery<int>? held));
        Assert.True(channel.Writer.TryWrite(5));
        Assert.True(channel.Writer.TryWrite(6));
        Assert.Equal(2, channel.Dropped);
        held.Complete();
        Assert.True(channel.Writer.TryWrite(7));
        Assert.True(channel.Writer.TryWrite(8));
        int[] left = new int[8];
        Assert.Equal([3, 6, 7, 8], left[..channel.Reader.TryReadMany(left)]);
        Assert.Equal((1, 3), (held.Item, (int)channel.Dropped));
    }
}
