using System.Threading.Channels;

namespace Kernmantle.Contracts.Channels;

/// <summary>Who waits for items or for room goes on when there are, or is told that there will be none; what a full channel does.</summary>
public abstract partial class ChannelContract
{
    [Fact]
    public async Task A_full_channel_waits_for_its_reader()
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Capacity);
        using WorkerChannel<int> channel = Make<int>(capacity: 3);
        using var written = new SharedValue<int>();
        Task writing = workers.WriteCountingAsync(channel.Writer, written, 10);
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

    [Theory]
    [InlineData(BoundedChannelFullMode.DropWrite, new[] { 0, 1, 2 })]
    [InlineData(BoundedChannelFullMode.DropOldest, new[] { 7, 8, 9 })]
    [InlineData(BoundedChannelFullMode.DropNewest, new[] { 0, 1, 9 })]
    public async Task A_full_channel_drops_what_it_was_made_to_drop(BoundedChannelFullMode mode, int[] left)
    {
        await using ChannelWorkers workers = await StartAsync(1, mode == BoundedChannelFullMode.DropWrite ? [ChannelAbility.Capacity] : [ChannelAbility.Capacity, ChannelAbility.DropsWritten]);
        using WorkerChannel<int> channel = Make<int>(capacity: 3, mode);
        await workers.WriteAtOnceAsync(channel.Writer, 10);
        channel.Writer.Complete();
        Assert.Equal(left, await DrainAsync(channel.Reader));
        Assert.Equal(7, channel.Dropped);
    }

    [Fact]
    public async Task A_reader_that_sleeps_is_woken()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        using WorkerChannel<int> there = Make<int>(), back = Make<int>();
        Task echo = workers.NegateAsync(there.Reader, back.Writer);
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
    public async Task Waiting_ends_with_its_token_and_takes_nothing_with_it()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        using WorkerChannel<int> channel = Make<int>();
        using var waiting = new SharedCountdown(1);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<bool> there = workers.WaitToReadAsync(channel.Reader, waiting, over.Token);
        Assert.True(waiting.Wait(Bound, Token));
        Task<bool> here = channel.Reader.WaitToReadAsync(over.Token).AsTask();
        Task<int> item = channel.Reader.ReadAsync(over.Token).AsTask();
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => there.WaitAsync(Bound, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => here.WaitAsync(Bound, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.WaitAsync(Bound, Token));
        Assert.True(channel.Writer.TryWrite(1));
        Assert.Equal(1, await channel.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task Waiting_for_room_ends_with_its_token_and_leaves_nothing_there()
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Capacity);
        using WorkerChannel<int> channel = Make<int>(capacity: 1);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Assert.True(channel.Writer.TryWrite(1));
        Assert.False(channel.Writer.TryWrite(2));
        Task writing = channel.Writer.WriteAsync(2, over.Token).AsTask();
        Assert.False(writing.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Bound, Token));
        channel.Writer.Complete();
        Assert.Equal(1, await workers.SumAsync(channel.Reader));
    }
}
