using System.Runtime.CompilerServices;
using Kernmantle.Channels;
using Kernmantle.Channels.Log;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Channels;

/// <summary>In a file.</summary>
public sealed partial class HostilePartyTests
{
    [Fact]
    public void A_record_of_a_wrong_length_is_told_and_its_neighbours_are_read()
    {
        using WorkerChannel<int> channel = Make<int>(ChannelTransport.File);
        Assert.True(channel.Writer.TryWrite(1));
        Assert.Equal(Put.Done, ChannelEnd.Of(channel.Memory).TryWrite(new byte[3], null));
        Assert.True(channel.Writer.TryWrite(2));
        int[] room = new int[5];
        Assert.Equal(1, channel.Reader.TryReadMany(room));
        Assert.Throws<InvalidDataException>(() => channel.Reader.TryReadMany(room));
        Assert.Equal(1, channel.Reader.TryReadMany(room.AsSpan(1)));
        Assert.Equal([1, 2], room[..2]);
    }

    [Fact]
    public void What_was_cut_off_is_told_to_who_reads_and_to_who_writes()
    {
        using WorkerChannel<int> channel = Make<int>(ChannelTransport.File);
        Assert.Equal(3, channel.Writer.TryWriteMany([1, 2, 3]));
        SafeFileHandle file = FileOf(channel.Memory).Log;
        RandomAccess.SetLength(file, ChannelLog.First + LogRecord.SizeOf(sizeof(int)) + 5);
        int[] room = new int[5];
        Assert.Equal(1, channel.Reader.TryReadMany(room));
        Assert.Throws<ChannelFileDamagedException>(() => channel.Reader.TryReadMany(room));
        Assert.Throws<ChannelFileDamagedException>(() => channel.Writer.TryWrite(4));
    }

    [Fact]
    public void What_was_put_behind_the_end_is_cut_off_by_the_next_writer()
    {
        using WorkerChannel<int> channel = Make<int>(ChannelTransport.File);
        SafeFileHandle file = FileOf(channel.Memory).Log;
        for (int i = 0; i < 20; i++)
        {
            Assert.True(channel.Writer.TryWrite(i));
            RandomAccess.Write(file, new byte[i * 7], RandomAccess.GetLength(file));
        }
        Assert.True(channel.Writer.TryWrite(20));
        int[] room = new int[30];
        Assert.Equal(21, channel.Reader.TryReadMany(room));
        Assert.Equal(Enumerable.Range(0, 21), room[..21]);
    }

    [Theory]
    [InlineData(long.MaxValue - 9, long.MaxValue)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(-1, 1)]
    [InlineData(ChannelLog.First + 1, 1L << 60)]
    public unsafe void Places_that_cannot_be_are_told_at_once(long position, long end)
    {
        using WorkerChannel<int> channel = Make<int>(ChannelTransport.File);
        Assert.True(channel.Writer.TryWrite(1));
        ref ChannelWords words = ref Unsafe.AsRef<ChannelWords>(channel.Memory.Items);
        words.FilePosition = position;
        words.FileEnd = end;
        Assert.ThrowsAny<ChannelFileException>(() => channel.Reader.TryRead(out _));
        Assert.ThrowsAny<ChannelFileException>(() => channel.Writer.TryWrite(2));
    }

    /// <summary>Items come in order and none is left out: where something is spoilt, reading stops there and says so.</summary>
    [Fact]
    [Repeated]
    public Task In_a_file_that_is_cut_or_grown_or_overwritten_no_item_is_left_out_without_a_word() => FuzzAsync(Repetitions.Of(quick: 300, atLength: 3000), (random, _) =>
    {
        using WorkerChannel<string> channel = Make<string>(ChannelTransport.File);
        SafeFileHandle file = FileOf(channel.Memory).Log;
        int written = 0, read = 0;
        bool isTold = false;
        for (int step = 0; step < 60; step++)
        {
            long length = RandomAccess.GetLength(file);
            switch (random.Next(12))
            {
                case < 5:
                    try
                    {
                        if (channel.Writer.TryWrite(TextOf(written)))
                            written++;
                    }
                    catch (ChannelFileException)
                    {
                        isTold = true;
                    }
                    break;
                case < 9:
                    Read();
                    break;
                case 9 when length > ChannelLog.First:
                    byte[] rubbish = new byte[random.Next(1, 40)];
                    random.NextBytes(rubbish);
                    RandomAccess.Write(file, rubbish, random.NextInt64(ChannelLog.First, length));
                    break;
                case 10 when random.Next(4) == 0:
                    RandomAccess.SetLength(file, random.NextInt64(Math.Min(length, ChannelLog.First), length + 1));
                    break;
                default:
                    byte[] behind = new byte[random.Next(1, 60)];
                    random.NextBytes(behind);
                    RandomAccess.Write(file, behind, length);
                    break;
            }
        }
        while (read < written && !isTold)
            Read();
        return Task.CompletedTask;

        void Read()
        {
            try
            {
                if (channel.Reader.TryRead(out string? item))
                    Assert.Equal(TextOf(read++), item);
                else
                    Assert.True(read == written || isTold, $"{written} were written, and after {read} nothing comes");
            }
            catch (ChannelFileException)
            {
                isTold = true;
            }
        }

        static string TextOf(int number) => new((char)('a' + (number % 26)), number * 31 % 200);
    });

    [Fact]
    [SecondStage]
    public async Task Who_keeps_the_file_holds_up_others_for_a_bounded_time()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        WorkerChannel<int> channel = Make<int>(ChannelTransport.File);
        Assert.True(channel.Writer.TryWrite(1));
        await pool.RunAsync(
            static channel =>
            {
                Assert.True(ProcessLock.TryTake(channel.Memory.Block.Attachments[0], 0, TimeSpan.Zero));
                Assert.True(ProcessLock.TryTake(channel.Memory.Block.Attachments[0], 1, TimeSpan.Zero));
            },
            channel,
            Token);
        Assert.Throws<TimeoutException>(() => channel.Writer.TryWrite(2));
        Assert.Throws<TimeoutException>(() => channel.Reader.TryRead(out _));
        channel.Writer.Complete();
        channel.Dispose();
    }

    private static ChannelLog FileOf(StateMemory memory) => ((ChannelPage)memory.Block.Content!).File!;
}
