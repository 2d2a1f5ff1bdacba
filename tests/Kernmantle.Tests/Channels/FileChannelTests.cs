using System.Diagnostics;
using System.Threading.Channels;

namespace Kernmantle.Tests.Channels;

/// <summary>Channels whose items are in a file, which outlasts those that have it.</summary>
public sealed class FileChannelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-channel-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(folder, "items.log");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private WorkerChannel<T> Open<T>(bool flush = false) => WorkerChannel.Create<T>(new() { Transport = ChannelTransport.File, Path = Path, FlushToDisk = flush, EndWithWriters = false });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_one_reads_on_where_the_last_one_stopped(bool flush)
    {
        await using (WorkerPool pool = WorkerPool.Processes(1))
        {
            using WorkerChannel<string> first = Open<string>(flush);
            await pool.RunAsync(static writer => writer.TryWriteMany(["a", "b", "c"]), first.Writer, Token);
            Assert.Equal("a", await first.Reader.ReadAsync(Token));
            first.Writer.Complete();
        }
        using WorkerChannel<string> second = Open<string>(flush);
        Assert.True(second.Writer.TryWrite("d"));
        second.Writer.Complete();
        List<string> read = [];
        await foreach (string item in second.Reader.ReadAllAsync(Token))
            read.Add(item);
        Assert.Equal(["b", "c", "d"], read);
    }

    [Fact]
    public async Task What_was_accepted_as_another_thread_completed_it_is_read()
    {
        for (int i = 0; i < 20; i++)
        {
            using WorkerChannel<int> channel = Open<int>(flush: true);
            using var begun = new ManualResetEventSlim();
            Task<int> writing = Task.Run(
                () =>
                {
                    int accepted = 0;
                    for (; channel.Writer.TryWrite(accepted); accepted++)
                        begun.Set();
                    return accepted;
                },
                Token);
            begun.Wait(Token);
            channel.Writer.Complete();
            int read = 0;
            await foreach (int item in channel.Reader.ReadAllAsync(Token))
                Assert.Equal(read++, item);
            Assert.Equal(await writing, read);
        }
    }

    [Fact]
    public async Task What_a_killed_writer_was_told_to_be_written_is_read()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using WorkerChannel<int> channel = Open<int>();
        using var written = new SharedValue<int>();
        WorkerChannelWriter<int> writer = channel.Writer;
        for (int life = 0; life < 5; life++)
        {
            int from = written.Read();
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(
                () =>
                {
                    for (int i = from; i < from + 100; i++)
                    {
                        writer.TryWrite(i);
                        written.Write(i + 1);
                    }
                    Process.GetCurrentProcess().Kill();
                },
                Token));
        }
        Assert.False(channel.Reader.CanCount);
        Assert.Throws<NotSupportedException>(() => channel.Reader.Count);
        for (int i = 0; i < written.Read(); i++)
            Assert.Equal(i, await channel.Reader.ReadAsync(Token));
        Assert.False(channel.Reader.TryRead(out _));
    }

    [Fact]
    public void A_file_that_is_in_use_or_something_else_is_refused()
    {
        using (WorkerChannel<int> channel = Open<int>())
        {
            Assert.True(channel.Writer.TryWrite(1));
            Assert.Equal(Path, Assert.Throws<ChannelFileException>(() => Open<int>()).Path);
        }
        Assert.Contains("Int64", Assert.Throws<ChannelFileException>(() => Open<long>()).Message, StringComparison.OrdinalIgnoreCase);
    }
}
