using System.Runtime.InteropServices;

namespace Kernmantle.Channels;

/// <summary>
/// What all who share a channel know of it; behind the page of the object (<see cref="SharedState.StateWords"/>), in the same memory. Written by any thread of any party (T), or by its maker only (M).
/// Nothing here is believed by anybody whom it could harm. README.md in this folder tells the protocol; the names are those of docs/models.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ChannelWords
{
    public const int Size = 2 * 4096;

    /// <summary>How many processes can share a channel: one bit each in a word.</summary>
    public const int Parties = 64;

    /// <summary>Where the seats of the parties are, and the text of the error.</summary>
    public const int Seats = 256, Error = Seats + (Parties * PartySeat.Size), MostErrorBytes = Size - Error;

    // --- Changes seldom ---

    /// <summary>T: <see cref="ChannelState"/> in bits 0-7, the seat of who closes it in 8-15. By compare-and-swap from <see cref="ChannelState.Open"/>; then by that one, or by the maker when it has died.</summary>
    [FieldOffset(0)]
    public int State;

    /// <summary>How many bytes of <see cref="Error"/> count. Written by who closes, before <see cref="ChannelState.Closed"/>.</summary>
    [FieldOffset(4)]
    public int ErrorBytes;

    /// <summary>T: how often items were given back to be taken again, somewhere behind where readers look: by their reader, or by the maker when that has died. Interlocked, after them.</summary>
    [FieldOffset(8)]
    public int Returned;

    /// <summary>M: how many items were lost with readers that died.</summary>
    [FieldOffset(12)]
    public int Lost;

    /// <summary>T: bit i: who has the seat i may write, or did. Interlocked; cleared by the maker.</summary>
    [FieldOffset(16)]
    public long Writers;

    /// <summary>T: bit i: the seat i was ever taken, so that there may be items in its ring. Interlocked, never cleared.</summary>
    [FieldOffset(24)]
    public long Used;

    // --- Where the items are in a file ---

    /// <summary>By who has the file's lock for appending: up to where there are whole records. Release, after them.</summary>
    [FieldOffset(128)]
    public long FileEnd;

    /// <summary>By who has the file's lock for reading: where the next record begins. Release, after it was saved.</summary>
    [FieldOffset(136)]
    public long FilePosition;

    /// <summary>M, before anybody else has the channel: 1: what is appended is flushed to the disk before it is told.</summary>
    [FieldOffset(144)]
    public int Flushes;

    // --- Changes with every wait ---

    /// <summary>T: bit i: who has the seat i waits for items, and is to be rung. Set (a fence) before its last look, cleared by it, or by the maker when it has died.</summary>
    [FieldOffset(64)]
    public long Waiting;

    /// <summary>What <see cref="State"/> says.</summary>
    public static ChannelState StateOf(ref ChannelWords words) => (ChannelState)(byte)Volatile.Read(ref words.State);
}

/// <summary>One process that has the channel.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct PartySeat
{
    public const int Size = 64;

    /// <summary>The worker's number and 1 (1: the maker); 0 for a free seat. From 0 by compare-and-swap, to 0 by the maker.</summary>
    [FieldOffset(0)]
    public long Name;

    /// <summary>T: counter, futex on which its attendant sleeps. Interlocked.</summary>
    [FieldOffset(8)]
    public int Bell;

    /// <summary>By its process: 1 while it waits for room in what it writes to. A fence, before the last look; cleared by it, or by the maker.</summary>
    [FieldOffset(12)]
    public int WantsRoom;

    // --- Where the kernel keeps the items ---

    /// <summary>By its process: how many packets it has sent. Release.</summary>
    [FieldOffset(16)]
    public long Sent;

    /// <summary>T: how many of them were read. Interlocked; by its process to <see cref="Sent"/> when it sees that nobody has any (a reader died between the packet and this word).</summary>
    [FieldOffset(24)]
    public long Read;

    /// <summary>By its process: 1 from before it looks whether the channel is open until the packet is sent. A fence; to 0 also by the maker.</summary>
    [FieldOffset(32)]
    public int Sending;

    /// <summary>By its process: 1 from before it reads a packet until <see cref="Read"/> counts it. A fence; to 0 also by the maker.</summary>
    [FieldOffset(36)]
    public int Reading;

    /// <summary>By its process: how many items it has dropped, since there was no room.</summary>
    [FieldOffset(40)]
    public long Dropped;
}

/// <summary>Whether items can still come.</summary>
internal enum ChannelState : byte
{
    Open,

    /// <summary>Somebody closes it: writers may yet write, each until it finds its ring ended.</summary>
    Closing,

    /// <summary>No item comes any more.</summary>
    Closed,

    /// <summary>And all were taken.</summary>
    Drained,
}
