using System.Threading.Channels;

namespace Kernmantle.Contracts.Channels;

/// <summary>Workers that die while they have the channel: nobody waits for them, and what they were told to be written or read is.</summary>
public abstract partial class ChannelContract
{
    [Fact]
    public async Task What_writers_that_died_were_told_to_be_written_is_read_once_and_in_order()
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Death);
        using WorkerChannel<int> channel = Make<int>(capacity: 128, endWithWriters: false);
        using var written = new SharedValue<int>();
        for (int life = 0; life < 3; life++)
            await Assert.ThrowsAsync<WorkerCrashedException>(() => workers.WriteAndDieAsync(channel.Writer, written, written.Read(), 40));
        Assert.Equal(120, written.Read());
        channel.Writer.Complete();
        Assert.Equal(Enumerable.Range(0, 120), await DrainAsync(channel.Reader));
    }

    [Fact]
    public async Task What_a_reader_that_died_had_not_read_is_read_by_the_next_ones()
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Death);
        using WorkerChannel<int> channel = Make<int>();
        Assert.Equal(10, channel.Writer.TryWriteMany(Enumerable.Range(0, 10).ToArray()));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => workers.ReadAndDieAsync(channel.Reader, 4));
        Assert.Equal(4, await channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        channel.Writer.Complete();
        Assert.Equal(5 + 6 + 7 + 8 + 9, await workers.SumAsync(channel.Reader).WaitAsync(Bound, Token));
        await channel.Reader.Completion.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task When_the_last_writer_has_died_readers_are_told_after_the_last_item()
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Death, ChannelAbility.EndWithWriters);
        using WorkerChannel<int> channel = Make<int>();
        using var written = new SharedValue<int>();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => workers.WriteAndDieAsync(channel.Writer, written, 0, 2));
        Assert.Equal(0, await channel.Reader.ReadAsync(Token));
        Assert.Equal(1, await channel.Reader.ReadAsync(Token));
        ChannelClosedException closed = await Assert.ThrowsAsync<ChannelClosedException>(() => channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        Assert.Contains("by signal 9", Assert.IsType<ChannelWritersLostException>(closed.InnerException).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ChannelWritersLostException>(() => channel.Reader.Completion.WaitAsync(Bound, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_item_that_a_dead_reader_had_taken_is_lost_and_counted_or_given_again(bool redeliver)
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Redelivery);
        using WorkerChannel<int> channel = Make<int>(redeliver: redeliver);
        Assert.Equal(2, channel.Writer.TryWriteMany([1, 2]));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => workers.TakeAndDieAsync(channel.Reader));
        Assert.Equal(redeliver ? 0 : 1, channel.Lost);
        ChannelDelivery<int> delivery = await channel.Reader.TakeAsync(Token);
        Assert.Equal(redeliver ? (1, 2) : (2, 1), (delivery.Item, delivery.Attempt));
    }
}
