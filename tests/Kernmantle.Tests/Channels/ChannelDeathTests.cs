using System.Diagnostics;
using System.Threading.Channels;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Tests.Channels;

/// <summary>Workers that die, or are stopped, while they have a channel.</summary>
public sealed class ChannelDeathTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_the_last_writer_has_died_readers_are_told_who_after_the_last_item()
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        using WorkerChannel<string> channel = WorkerChannel.Create<string>();
        WorkerChannelWriter<string> writer = channel.Writer;
        Task dying = pool.RunAsync(
            () =>
            {
                writer.TryWrite("one");
                Process.GetCurrentProcess().Kill();
            },
            Token);
        WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => dying);
        Assert.Equal("one", await channel.Reader.ReadAsync(Token));
        ChannelClosedException closed = await Assert.ThrowsAsync<ChannelClosedException>(() => channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        var lost = Assert.IsType<ChannelWritersLostException>(closed.InnerException);
        Assert.Contains(crash.WorkerName!, lost.Message, StringComparison.Ordinal);
        Assert.Contains("by signal 9", lost.Message, StringComparison.Ordinal);
        lost = await Assert.ThrowsAsync<ChannelWritersLostException>(() => channel.Reader.Completion.WaitAsync(Bound, Token));
        Assert.Contains("EndWithWriters", lost.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChannelTransport.SharedMemory)]
    [InlineData(ChannelTransport.Pipe)]
    [InlineData(ChannelTransport.UnixSocket)]
    [InlineData(ChannelTransport.File)]
    public async Task A_channel_that_was_disposed_of_keeps_no_death_back(ChannelTransport transport)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-channel-");
        await using (WorkerPool pool = WorkerPool.Processes(1))
        {
            using (WorkerChannel<string> channel = WorkerChannel.Create<string>(new() { Transport = transport, Path = transport == ChannelTransport.File ? Path.Combine(folder.FullName, "items.log") : null }))
                await pool.RunAsync(static async writer => await writer.WriteAsync("one"), channel.Writer, Token);
            WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static () => Environment.Exit(3), Token).WaitAsync(Bound, Token));
            Assert.Equal(3, crash.ExitCode);
            Assert.Equal(1, await pool.RunAsync(static () => 1, Token).WaitAsync(Bound, Token));
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_worker_that_only_reads_is_told_the_same()
    {
        await using WorkerPool readers = WorkerPool.Processes(1);
        await using WorkerPool writers = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        using var waiting = new SharedEvent();
        WorkerChannelReader<int> reader = channel.Reader;
        Task<string> reading = readers.RunAsync(
            async () =>
            {
                ValueTask<bool> wait = reader.WaitToReadAsync();
                waiting.Set();
                try
                {
                    return (await wait).ToString();
                }
                catch (ChannelWritersLostException)
                {
                    return "lost";
                }
            },
            Token);
        Assert.True(waiting.Wait(Bound, Token));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => writers.RunAsync(static writer => Process.GetCurrentProcess().Kill(), channel.Writer, Token));
        Assert.Equal("lost", await reading.WaitAsync(Bound, Token));
    }

    [Fact]
    public async Task While_somebody_is_left_who_could_write_a_death_completes_nothing()
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        using var stop = new SharedEvent();
        WorkerChannelWriter<int> writer = channel.Writer;
        Task other = pool.RunAsync(
            () =>
            {
                writer.TryWrite(1);
                stop.Wait();
                writer.TryWrite(2);
            },
            Token);
        Assert.Equal(1, await channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static w => Process.GetCurrentProcess().Kill(), writer, Token));
        Assert.False(channel.Reader.Completion.IsCompleted);
        stop.Set();
        Assert.Equal(2, await channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        await other;
    }

    [Fact]
    public async Task A_death_is_told_when_the_last_writer_has_ended_in_order()
    {
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        await using (WorkerPool others = WorkerPool.Processes(1))
        {
            await using WorkerPool pool = WorkerPool.Processes(1);
            await others.RunAsync(static w => w.TryWrite(1), channel.Writer, Token);
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static w => Process.GetCurrentProcess().Kill(), channel.Writer, Token));
            Assert.Equal(1, await channel.Reader.ReadAsync(Token).AsTask().WaitAsync(Bound, Token));
            Assert.False(channel.Reader.Completion.IsCompleted);
        }
        await Assert.ThrowsAsync<ChannelWritersLostException>(() => channel.Reader.WaitToReadAsync(Token).AsTask().WaitAsync(Bound, Token));
    }

    [Fact]
    public async Task A_writer_that_leaves_its_process_of_its_own_accord_is_lost_too()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static w => Environment.Exit(0), channel.Writer, Token));
        ChannelWritersLostException lost = await Assert.ThrowsAsync<ChannelWritersLostException>(() => channel.Reader.WaitToReadAsync(Token).AsTask().WaitAsync(Bound, Token));
        Assert.Contains("with exit code 0", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_is_tried_again_goes_on_writing_where_that_is_wanted()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>(new() { EndWithWriters = false });
        await pool.With(new() { Retry = new() { On = FailureKinds.Crash } }).RunAsync(
            static writer =>
            {
                writer.TryWrite(WorkerContext.Current!.Attempt);
                if (WorkerContext.Current!.Attempt == 1)
                    Process.GetCurrentProcess().Kill();
                writer.Complete();
            },
            channel.Writer,
            Token);
        List<int> items = [];
        await foreach (int item in channel.Reader.ReadAllAsync(Token))
            items.Add(item);
        Assert.Equal([1, 2], items);
    }

    [Fact]
    public async Task A_writer_that_is_stopped_is_not_dead_and_loses_nothing()
    {
        const int Count = 200_000;
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>(new() { Capacity = 100 });
        int process = await pool.RunAsync(static () => Environment.ProcessId, Token);
        Task writing = pool.RunAsync(
            static async writer =>
            {
                for (int i = 0; i < Count; i++)
                    await writer.WriteAsync(i);
                writer.Complete();
            },
            channel.Writer,
            Token);
        int next = 0;
        await foreach (int item in channel.Reader.ReadAllAsync(Token))
        {
            Assert.Equal(next++, item);
            if (next % 20_000 != 0)
                continue;
            Assert.Equal(0, LibC.Kill(process, 19));   // SIGSTOP
            await channel.Writer.WaitToWriteAsync(Token);   // others go on
            Assert.Equal(0, LibC.Kill(process, 18));   // SIGCONT
        }
        Assert.Equal(Count, next);
        await writing;
    }

    [Fact]
    public async Task An_item_that_a_dead_reader_had_taken_is_lost_and_counted_unless_it_is_to_be_given_again()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<string> once = WorkerChannel.Create<string>();
        using WorkerChannel<string> again = WorkerChannel.Create<string>(new() { Redeliver = true });
        foreach (WorkerChannel<string> channel in (WorkerChannel<string>[])[once, again])
        {
            Assert.True(channel.Writer.TryWrite("first"));
            Assert.True(channel.Writer.TryWrite("second"));
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(
                static reader =>
                {
                    reader.TryTake(out ChannelDelivery<string>? _);
                    Process.GetCurrentProcess().Kill();
                },
                channel.Reader,
                Token));
        }
        Assert.Equal(1, once.Lost);
        Assert.Equal("second", await once.Reader.ReadAsync(Token));
        Assert.Equal(0, again.Lost);
        ChannelDelivery<string> delivery = await again.Reader.TakeAsync(Token);
        Assert.Equal(("first", 2), (delivery.Item, delivery.Attempt));
        delivery.Complete();
        delivery = await again.Reader.TakeAsync(Token);
        Assert.Equal(("second", 1), (delivery.Item, delivery.Attempt));
    }

    [Fact]
    public async Task What_a_dead_reader_had_taken_is_given_to_one_that_begins_to_read_after_that()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>(new() { Redeliver = true });
        Assert.Equal(3, channel.Writer.TryWriteMany([1, 2, 3]));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(
            static reader =>
            {
                reader.TryRead(out _);
                reader.TryTake(out ChannelDelivery<int>? _);
                reader.TryRead(out _);
                Process.GetCurrentProcess().Kill();
            },
            channel.Reader,
            Token));
        Assert.True(channel.Reader.TryRead(out int again));
        Assert.Equal(2, again);
        Assert.False(channel.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Completion_comes_where_the_last_item_was_lost_with_its_reader_and_nobody_else_reads()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = WorkerChannel.Create<int>();
        using SharedEvent taken = new(), die = new();
        Assert.True(channel.Writer.TryWrite(1));
        WorkerChannelReader<int> reader = channel.Reader;
        Task dying = pool.RunAsync(
            () =>
            {
                reader.TryTake(out ChannelDelivery<int>? _);
                taken.Set();
                die.Wait();
                Process.GetCurrentProcess().Kill();
            },
            Token);
        Assert.True(taken.Wait(Bound, Token));
        channel.Writer.Complete();
        Task completion = channel.Reader.Completion;
        Assert.False(completion.IsCompleted);
        die.Set();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => dying);
        await completion.WaitAsync(Bound, Token);
        Assert.Equal(1, channel.Lost);
    }
}
