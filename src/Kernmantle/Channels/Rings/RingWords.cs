using System.Runtime.InteropServices;

namespace Kernmantle.Channels.Rings;

/// <summary>The head of one writer's ring; behind it its slots, then the bytes of its items where these have lengths of their own. Positions count items from the first one on; the slot is the position modulo the number of slots.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct RingWords
{
    public const int Size = 256;

    /// <summary>The first position that a writer of this memory uses: so that a slot's zero is none of it.</summary>
    public const long First = 1L << 24;

    /// <summary>By the writer: the next position. Release; for who counts, and nobody relies on it.</summary>
    [FieldOffset(0)]
    public long Next;

    /// <summary>By the writer: how many items it has dropped, since it was full.</summary>
    [FieldOffset(8)]
    public long Dropped;

    /// <summary>By the writer: all before that position is done. Release; a reader that was left behind goes on from there.</summary>
    [FieldOffset(64)]
    public long Tail;

    /// <summary>By readers: somewhere behind the last that one has taken. Plain; a hint.</summary>
    [FieldOffset(128)]
    public long Head;
}
