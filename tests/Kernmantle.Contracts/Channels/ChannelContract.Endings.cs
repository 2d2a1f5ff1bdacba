using System.Threading.Channels;

namespace Kernmantle.Contracts.Channels;

/// <summary>How a channel ends: completed, with an error, disposed of.</summary>
public abstract partial class ChannelContract
{
    [Fact]
    public async Task Who_gets_a_channel_that_was_completed_reads_what_is_there_and_then_the_end()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        using WorkerChannel<int> channel = Make<int>();
        Assert.Equal(2, channel.Writer.TryWriteMany([1, 2]));
        channel.Writer.Complete();
        Assert.Equal(3, await workers.SumAsync(channel.Reader).WaitAsync(Bound, Token));
        await channel.Reader.Completion.WaitAsync(Bound, Token);
    }

    [Fact]
    public async Task An_error_is_told_after_the_last_item()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        using WorkerChannel<string> channel = Make<string>();
        await workers.FailAsync(channel.Writer, "last", "The tap is dry.");
        Assert.False(channel.Writer.TryWrite("late"));
        Assert.False(channel.Writer.TryComplete());
        await Assert.ThrowsAsync<ChannelClosedException>(() => channel.Writer.WriteAsync("late", Token).AsTask());
        Assert.False(channel.Reader.Completion.IsCompleted);
        Assert.Equal("last", await channel.Reader.ReadAsync(Token));
        ChannelClosedException closed = await Assert.ThrowsAsync<ChannelClosedException>(() => channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        Assert.Equal("The tap is dry.", closed.InnerException!.Message);
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => channel.Reader.Completion.WaitAsync(Bound, Token));
        Assert.Equal("The tap is dry.", error.Message);
        Assert.EndsWith(".InvalidOperationException", workers.NameOf(error), StringComparison.Ordinal);
        error = await Assert.ThrowsAnyAsync<Exception>(() => DrainAsync(channel.Reader));
        Assert.Equal("The tap is dry.", error.Message);
    }

    [Fact]
    public async Task Who_waits_when_it_is_completed_is_told()
    {
        await using ChannelWorkers workers = await StartAsync(2);
        using WorkerChannel<int> channel = Make<int>(capacity: 1);
        using var waiting = new SharedCountdown(2);
        Task<bool>[] readers = [.. Enumerable.Range(0, 2).Select(_ => workers.WaitToReadAsync(channel.Reader, waiting, Token))];
        Assert.True(waiting.Wait(Bound, Token));
        channel.Writer.Complete();
        bool[] answers = await Task.WhenAll(readers).WaitAsync(Bound, Token);
        Assert.Equal([false, false], answers);
    }

    [Fact]
    public async Task A_writer_that_waits_when_it_is_completed_is_told()
    {
        await using ChannelWorkers workers = await StartAsync(1, ChannelAbility.Capacity);
        using WorkerChannel<int> channel = Make<int>(capacity: 1);
        using var waiting = new SharedCountdown(1);
        Task<bool> writing = workers.FillAsync(channel.Writer, waiting);
        Assert.True(waiting.Wait(Bound, Token));
        channel.Writer.Complete();
        Assert.False(await writing.WaitAsync(Bound, Token));
        Assert.Equal(1, await channel.Reader.ReadAsync(Token));
        Assert.False(await channel.Reader.WaitToReadAsync(Token).AsTask().WaitAsync(Bound, Token));
    }

    [Fact]
    public async Task Disposal_ends_all_waiting()
    {
        await using ChannelWorkers workers = await StartAsync(1);
        WorkerChannel<int> channel = Make<int>();
        using var waiting = new SharedCountdown(1);
        Task<bool> there = workers.WaitUntilDisposedAsync(channel.Reader, waiting);
        Task<bool> here = channel.Reader.WaitToReadAsync(Token).AsTask();
        Assert.True(waiting.Wait(Bound, Token));
        channel.Dispose();
        Assert.True(await there.WaitAsync(Bound, Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => here.WaitAsync(Bound, Token));
        Assert.Throws<ObjectDisposedException>(() => channel.Writer.TryWrite(1));
        Assert.Throws<ObjectDisposedException>(() => channel.Reader.TryRead(out _));
    }
}
