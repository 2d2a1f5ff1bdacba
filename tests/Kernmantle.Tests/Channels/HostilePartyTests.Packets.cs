using System.Runtime.InteropServices;
using Kernmantle.Channels;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Channels;

/// <summary>In a pipe or a pair of sockets.</summary>
public sealed partial class HostilePartyTests
{
    [Theory]
    [InlineData(ChannelTransport.Pipe)]
    [InlineData(ChannelTransport.UnixSocket)]
    public void A_packet_of_a_wrong_length_is_told_and_its_neighbours_are_read(ChannelTransport transport)
    {
        foreach (int length in (int[])[1, 2, 4, 6, 100, 4096])
        {
            using WorkerChannel<int> channel = Make<int>(transport);
            Assert.Equal(2, channel.Writer.TryWriteMany([1, 2]));
            Assert.True(TrySend(channel.Memory, new byte[length]));
            Assert.True(channel.Writer.TryWrite(3));
            int[] room = new int[5];
            Assert.Equal(2, channel.Reader.TryReadMany(room));
            Assert.True(channel.Reader.WaitToReadAsync(Token).AsTask().IsCompletedSuccessfully);
            Assert.Throws<InvalidDataException>(() => channel.Reader.TryReadMany(room));
            Assert.Equal(1, channel.Reader.TryReadMany(room.AsSpan(2)));
            Assert.Equal([1, 2, 3], room[..3]);
            Assert.False(channel.Reader.TryRead(out _));
        }
    }

    [Theory]
    [InlineData(ChannelTransport.SharedMemory)]
    [InlineData(ChannelTransport.Pipe)]
    [InlineData(ChannelTransport.UnixSocket)]
    [InlineData(ChannelTransport.File)]
    public void An_item_that_is_none_is_told_and_its_neighbours_are_read(ChannelTransport transport)
    {
        using WorkerChannel<string> channel = Make<string>(transport);
        Assert.True(channel.Writer.TryWrite("before"));
        Assert.Equal(Put.Done, ChannelEnd.Of(channel.Memory).TryWrite([0xC1, 0xC1, 0xC1], null));
        Assert.True(channel.Writer.TryWrite("behind"));
        string[] room = new string[5];
        Assert.Equal(1, channel.Reader.TryReadMany(room));
        Assert.True(channel.Reader.WaitToReadAsync(Token).AsTask().IsCompletedSuccessfully);
        Assert.Throws<InvalidDataException>(() => channel.Reader.TryReadMany(room));
        Assert.Equal(1, channel.Reader.TryReadMany(room.AsSpan(1)));
        Assert.Equal(["before", "behind"], room[..2]);
    }

    /// <summary>Whether reading waits is not of the end that a process has, but of what it was opened as, which all share that were handed it.</summary>
    [Theory]
    [InlineData(ChannelTransport.Pipe)]
    [InlineData(ChannelTransport.UnixSocket)]
    public void Nobody_can_make_others_block_or_mix_their_packets(ChannelTransport transport)
    {
        using WorkerChannel<int> channel = Make<int>(transport);
        foreach (SafeFileHandle end in channel.Memory.Block.Content!.Attachments)
            Assert.Equal(0, LibC.Fcntl((int)end.DangerousGetHandle(), 4, 0));   // F_SETFL: neither O_NONBLOCK nor O_DIRECT
        Assert.False(channel.Reader.TryRead(out _));
        Assert.Equal(3, channel.Writer.TryWriteMany([1, 2, 3]));
        int[] room = new int[5];
        Assert.Equal(3, channel.Reader.TryReadMany(room));
        Assert.Equal([1, 2, 3], room[..3]);
        Assert.False(channel.Reader.TryRead(out _));
        Assert.False(channel.Writer.TryWriteMany(new int[2000]) == 2000);   // full, and does not wait
    }

    [Fact]
    public async Task Where_somebody_has_shut_the_sockets_everybody_is_told()
    {
        using WorkerChannel<int> channel = Make<int>(ChannelTransport.UnixSocket);
        Assert.Equal(0, LibC.Shutdown((int)channel.Memory.Block.Content!.Attachments[0].DangerousGetHandle(), 2));
        await Assert.ThrowsAsync<InvalidDataException>(() => channel.Reader.ReadAsync(Token).AsTask());
        Assert.Throws<IOException>(() => channel.Writer.TryWrite(1));
    }

    /// <summary>What readers get is, one for one and in order, what was sent: items, and a word for everything else.</summary>
    [Theory]
    [Repeated]
    [InlineData(ChannelTransport.Pipe)]
    [InlineData(ChannelTransport.UnixSocket)]
    public Task Among_packets_of_any_shape_no_item_is_missing(ChannelTransport transport) => FuzzAsync(Repetitions.Of(quick: 300, atLength: 3000), (random, _) =>
    {
        const long Spoilt = -1;
        using WorkerChannel<long> channel = Make<long>(transport);
        Queue<long> sent = [];
        long[] room = new long[4];
        long last = 0;
        for (int step = 0; step < 200 || sent.Count > 0; step++)
        {
            switch (step < 200 ? random.Next(6) : 5)
            {
                case 0 or 1:
                    if (channel.Writer.TryWrite(++last))
                        sent.Enqueue(last);
                    break;
                case 2:
                    int length = random.Next(3) == 0 ? random.Next(4096) : random.Next(20);
                    if (length == 1 + sizeof(long) || (length == 0 && transport == ChannelTransport.Pipe))
                        break;   // an item, and nothing
                    byte[] packet = new byte[length];
                    random.NextBytes(packet);
                    if (TrySend(channel.Memory, packet))
                        sent.Enqueue(Spoilt);
                    break;
                case 3:
                    Read(room.AsSpan(0, random.Next(1, 5)));
                    break;
                case 4:
                    try
                    {
                        if (channel.Reader.TryTake(out ChannelDelivery<long>? delivery))
                            Assert.Equal(sent.Dequeue(), delivery.Item);
                    }
                    catch (InvalidDataException)
                    {
                        Assert.Equal(Spoilt, sent.Dequeue());
                    }
                    break;
                default:
                    Read(room.AsSpan(0, 1));
                    break;
            }
        }
        Assert.False(channel.Reader.TryRead(out long _));
        return Task.CompletedTask;

        void Read(Span<long> into)
        {
            Assert.Equal(sent.Count > 0, ChannelEnd.Of(channel.Memory).HasItem());
            try
            {
                int count = channel.Reader.TryReadMany(into);
                foreach (long item in into[..count])
                    Assert.Equal(sent.Dequeue(), item);
            }
            catch (InvalidDataException)
            {
                Assert.Equal(Spoilt, sent.Dequeue());
            }
        }
    });

    private static unsafe bool TrySend(StateMemory memory, byte[] packet)
    {
        SafeFileHandle end = memory.Block.Content!.Attachments[1];
        fixed (byte* start = packet)
        {
            byte nothing;
            if (LibC.WriteBytes(end, packet.Length == 0 ? &nothing : start, (nuint)packet.Length) == packet.Length)
                return true;
            return Marshal.GetLastPInvokeError() == LibC.TryAgain ? false : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
    }
}
