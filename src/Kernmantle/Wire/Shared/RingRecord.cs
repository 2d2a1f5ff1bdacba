namespace Kernmantle.Wire.Shared;

/// <summary>
/// How a frame lies in a ring: <c>header:u64 id:i64 body</c>, on a multiple of <see cref="Alignment"/>. The header is 0 until the
/// record is published: bits 0-31 the body's length in bytes, 32-39 the <see cref="FrameKind"/>, 40-47 flags, 48-63
/// how long the call took in microseconds (<see cref="NotMeasured"/> if unknown).
/// </summary>
internal static class RingRecord
{
    public const int Alignment = 32;
    public const int BodyOffset = 16;
    public const ushort NotMeasured = ushort.MaxValue;

    /// <summary>Flag: the body is a <see cref="SegmentBody"/>, the body itself lies in a segment.</summary>
    public const byte InSegment = 1;

    /// <summary>Flag of a request, repeated in the answers: a caller attends the call.</summary>
    public const byte Attended = 2;

    /// <summary>Flag of a request: its function has a timeout, and the worker says when it called it.</summary>
    public const byte Timed = 4;

    /// <summary>Flag of a request: it is called on an object of the worker's, whose id is in the head.</summary>
    public const byte OnObject = 8;

    /// <summary>Flag of a request: it is not the first attempt; which one is in the head.</summary>
    public const byte Repeated = 16;

    /// <summary>Flag of a request: it is part of a trace, which the frame before it tells.</summary>
    public const byte Traced = 32;

    /// <summary>In the place of the length of what all items of a batch capture: each comes with its own.</summary>
    public const int OwnCaptures = -1;

    /// <summary>The largest body in a ring of that size; larger ones go by reference. Four fit, so that one never waits for an empty ring.</summary>
    public static int LargestBody(int capacity) => capacity / 4 - BodyOffset - Alignment;

    public static int SizeOf(int length) => (BodyOffset + length + Alignment - 1) & -Alignment;

    public static long Header(int length, FrameKind kind, byte flags, ushort microseconds) =>
        (uint)length | (long)(byte)kind << 32 | (long)flags << 40 | (long)microseconds << 48;
}

/// <summary>A record's header, taken apart.</summary>
internal readonly record struct RecordHeader(long Bits)
{
    public uint Length => (uint)Bits;

    public FrameKind Kind => (FrameKind)(byte)(Bits >> 32);

    public byte Flags => (byte)(Bits >> 40);

    public ushort Microseconds => (ushort)(Bits >> 48);
}
