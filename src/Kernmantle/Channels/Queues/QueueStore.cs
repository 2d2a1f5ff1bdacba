using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;

namespace Kernmantle.Channels.Queues;

/// <summary>
/// Items in a queue of the kernel, which all write to and read from: a packet each, its writer's seat in the first byte. What a writer has sent and nobody has read is counted in its seat. A writer says that it sends before it
/// looks whether the channel is open (a fence), and who closes changes that (a fence) before it looks who sends: so when nobody sends any more, nothing comes any more.
/// </summary>
internal sealed unsafe class QueueStore(byte* words, int seat, ChannelLayout layout, PacketQueue queue) : ItemStore
{
    private byte[] sent = [];

    /// <summary>A packet that was read and did not fit where its reader wanted it.</summary>
    private byte[] read = [];
    private int pending = -1;

    /// <summary>The kernel had no room for the last packet.</summary>
    private bool isRefused;

    private ref ChannelWords Words => ref Unsafe.AsRef<ChannelWords>(words);

    private ref PartySeat Own => ref ChannelEnd.SeatOf(words, seat);

    private bool IsOpen => ChannelWords.StateOf(ref Words) == ChannelState.Open;

    public override int Count
    {
        get
        {
            long count = 0;
            for (int i = 0; i < ChannelWords.Parties; i++)
            {
                ref PartySeat party = ref ChannelEnd.SeatOf(words, i);
                count += Math.Clamp(Volatile.Read(ref party.Sent) - Volatile.Read(ref party.Read), 0, layout.Capacity);
            }
            return (int)Math.Min(count, int.MaxValue);
        }
    }

    public override long Dropped
    {
        get
        {
            long dropped = 0;
            for (int i = 0; i < ChannelWords.Parties; i++)
                dropped += Volatile.Read(ref ChannelEnd.SeatOf(words, i).Dropped);
            return dropped;
        }
    }

    public override Put TryWrite(ReadOnlySpan<byte> item, IItemLoad? load)
    {
        SharedStores.Exchange(ref Own.Sending, 1);
        Put put = Send(item);
        SharedStores.Exchange(ref Own.Sending, 0);   // a fence: who waits for items is looked for after it
        if (put != Put.Full || layout.FullMode == BoundedChannelFullMode.Wait)
            return put;
        SharedStores.Write(ref Own.Dropped, Own.Dropped + 1);
        return Put.Done;
    }

    public override bool MayWrite(int bytes) => !IsOpen || layout.FullMode != BoundedChannelFullMode.Wait || (HasRoom() && (!isRefused || queue.HasRoom));

    public override Took TryTake(Span<byte> room, out int length, out Claim claim)
    {
        if (pending < 0)
            Receive();
        length = Math.Max(0, pending - 1);
        if (pending >= 0 && !IsItem)
        {
            pending = -1;
            throw NoItem(length);
        }
        claim = new(pending < 0 ? 0 : read[0] & (ChannelWords.Parties - 1), 0, 0);
        if (pending < 0)
            return Took.Nothing;
        if (length > room.Length)
            return Took.TooLarge;
        read.AsSpan(1, length).CopyTo(room);
        pending = -1;
        return Took.Item;
    }

    /// <summary>It was when it was read.</summary>
    public override void Finish(in Claim claim)
    {
    }

    public override int WriterOf(in Claim claim) => claim.Place;

    public override bool HasItem() => pending >= 0 || queue.HasPacket;

    /// <summary>Who sends yet, is looked at by <see cref="IsDrained"/>.</summary>
    public override void Close()
    {
    }

    public override bool IsDrained() => pending < 0 && !Any(static (ref PartySeat party) => ref party.Sending) && !queue.HasPacket && !Any(static (ref PartySeat party) => ref party.Reading);

    /// <summary>An empty packet is the end of what can be read, too: somebody has shut the queue.</summary>
    private bool IsItem => pending > 0 && (layout.ItemBytes > 0 ? pending - 1 == layout.ItemBytes : pending - 1 <= layout.LargestItem);

    private Put Send(ReadOnlySpan<byte> item)
    {
        if (!IsOpen)
            return Put.Closed;
        if (!HasRoom())
            return Put.Full;
        if (sent.Length <= item.Length)
            sent = new byte[Math.Max(256, item.Length * 2)];
        sent[0] = (byte)seat;
        item.CopyTo(sent.AsSpan(1));
        isRefused = !queue.TryWrite(sent.AsSpan(0, item.Length + 1));
        if (isRefused)
            return Put.Full;
        SharedStores.Write(ref Own.Sent, Own.Sent + 1);
        return Put.Done;
    }

    /// <summary>As far as it is counted: a reader that died has left one uncounted, which shows when nobody has anything.</summary>
    private bool HasRoom()
    {
        long taken = Volatile.Read(ref Own.Read);
        if (Own.Sent - taken < layout.Capacity)
            return true;
        if (queue.HasPacket || Any(static (ref PartySeat party) => ref party.Reading))
            return false;
        SharedStores.CompareExchange(ref Own.Read, Own.Sent, taken);
        return true;
    }

    private void Receive()
    {
        if (read.Length == 0)
            read = new byte[layout.LargestItem + 2];   // one more than the longest: what is too long shows
        SharedStores.Exchange(ref Own.Reading, 1);
        pending = queue.TryRead(read);
        if (pending > 0)
            SharedStores.Increment(ref ChannelEnd.SeatOf(words, read[0] & (ChannelWords.Parties - 1)).Read);
        SharedStores.Exchange(ref Own.Reading, 0);
    }

    private bool Any(Flag flag)
    {
        for (int i = 0; i < ChannelWords.Parties; i++)
        {
            ref PartySeat party = ref ChannelEnd.SeatOf(words, i);
            if (Volatile.Read(ref party.Name) != 0 && Volatile.Read(ref flag(ref party)) != 0)
                return true;
        }
        return false;
    }

    private delegate ref int Flag(ref PartySeat party);
}
