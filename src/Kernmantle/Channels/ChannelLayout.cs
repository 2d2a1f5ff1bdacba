using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Channels.Rings;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;

namespace Kernmantle.Channels;

/// <summary>
/// How a channel is laid out; one number, which travels with it from its maker (<see cref="StateMemory.Parameter"/>) and is never read from the memory, where others write:
/// bits 0-23 the capacity, 24-47 the size of an item (0: each has its own), 48-52 the binary logarithm of the bytes of a writer's items, 53-55 the full mode, 56-59 the transport, 60 whether items are given again, 61 whether they carry memory.
/// </summary>
internal sealed class ChannelLayout
{
    public const int MostItems = (1 << 24) - 1, MostItemBytes = (1 << 24) - 1;

    /// <summary>What follows from the number is needed for every item: it is worked out once.</summary>
    public ChannelLayout(long packed)
    {
        Packed = packed;
        Capacity = (int)(packed & MostItems);
        ItemBytes = (int)((packed >> 24) & MostItemBytes);
        BufferBytes = ItemBytes > 0 ? 0 : 1 << (int)((packed >> 48) & 31);
        FullMode = (BoundedChannelFullMode)((packed >> 53) & 7);
        Transport = (ChannelTransport)((packed >> 56) & 15);
        Redelivers = ((packed >> 60) & 1) != 0;
        Carries = ((packed >> 61) & 1) != 0;
        int packet = Transport switch
        {
            ChannelTransport.Pipe => PacketQueue.LongestInPipe,
            ChannelTransport.UnixSocket => PacketQueue.LongestInSocket,
            _ => int.MaxValue,
        };
        LargestItem = ItemBytes > 0 ? ItemBytes : Math.Min(BufferBytes, packet - 1);
        LargestPacket = packet;
        Slots = (int)BitOperations.RoundUpToPowerOf2((uint)Capacity + 1);
        SlotBytes = sizeof(long) + (((ItemBytes > 0 ? ItemBytes : Unsafe.SizeOf<ItemPlace>()) + 7) & ~7);
        RingBytes = Transport != ChannelTransport.SharedMemory ? 0 : RoundUp(RingWords.Size + ((long)Slots * SlotBytes) + BufferBytes);
        TotalBytes = ChannelWords.Size + (ChannelWords.Parties * RingBytes);
    }

    public static ChannelLayout Of(WorkerChannelOptions options, int itemBytes, bool carries = false)
    {
        int bits = itemBytes > 0 ? 0 : BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)options.BufferBytes));
        return new(
            (long)options.Capacity
            | ((long)itemBytes << 24)
            | ((long)bits << 48)
            | ((long)options.FullMode << 53)
            | ((long)options.Transport << 56)
            | ((options.Redeliver ? 1L : 0) << 60)
            | ((carries ? 1L : 0) << 61));
    }

    public long Packed { get; }

    /// <summary>The most items of one writer that nobody has taken.</summary>
    public int Capacity { get; }

    /// <summary>In bytes; 0 where each has a length of its own.</summary>
    public int ItemBytes { get; }

    /// <summary>For the items of one writer where each has a length of its own, in bytes: a power of two.</summary>
    public int BufferBytes { get; }

    public BoundedChannelFullMode FullMode { get; }

    public ChannelTransport Transport { get; }

    public bool Redelivers { get; }

    /// <summary>Items name memory that is shared by itself: <see cref="ItemLoad"/>.</summary>
    public bool Carries { get; }

    /// <summary>The largest item that can be written, in bytes.</summary>
    public int LargestItem { get; }

    /// <summary>An item, and a byte before it, where the kernel keeps them.</summary>
    public int LargestPacket { get; }

    /// <summary>Slots of a ring, a power of two: one more than items, so that there is always one in which its end can be said.</summary>
    public int Slots { get; }

    /// <summary>From one slot to the next: its word, and the item, or where that lies.</summary>
    public int SlotBytes { get; }

    /// <summary>From one ring to the next.</summary>
    public long RingBytes { get; }

    /// <summary>Behind the page of the object.</summary>
    public long TotalBytes { get; }

    /// <summary>What comes from elsewhere is looked at before it is used.</summary>
    public bool IsSound => Packed >= 0 && Capacity > 0 && (ItemBytes > 0 || BufferBytes >= Environment.SystemPageSize) && Enum.IsDefined(Transport) && Enum.IsDefined(FullMode) && (!Carries || Transport == ChannelTransport.SharedMemory);

    private static long RoundUp(long bytes) => (bytes + Environment.SystemPageSize - 1) / Environment.SystemPageSize * Environment.SystemPageSize;
}

/// <summary>Where an item with a length of its own lies among the bytes of its writer.</summary>
/// <param name="Start">From their beginning.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct ItemPlace(int Start, int Length);
