using System.Buffers.Binary;

namespace Kernmantle.Wire;

/// <summary>The 13 bytes before every body: <c>length:u32 kind:u8 id:i64</c>, little-endian.</summary>
internal readonly record struct FrameHeader(uint Length, FrameKind Kind, long Id)
{
    public const int Size = 13;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Length);
        destination[4] = (byte)Kind;
        BinaryPrimitives.WriteInt64LittleEndian(destination[5..], Id);
    }

    /// <exception cref="ProtocolViolationException">No correct peer writes such a header.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source, long maxBody)
    {
        var header = new FrameHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(source),
            (FrameKind)source[4],
            BinaryPrimitives.ReadInt64LittleEndian(source[5..]));
        if (!IsKnown(header.Kind))
            throw new ProtocolViolationException($"A frame of unknown kind {(byte)header.Kind}.");
        if (header.Length > maxBody)
            throw new ProtocolViolationException($"A {header.Kind} frame of {header.Length} bytes; at most {maxBody} are allowed.");
        if (header.Id < 0)
            throw new ProtocolViolationException($"A {header.Kind} frame with the negative id {header.Id}.");
        return header;
    }

    // Two comparisons instead of Enum.IsDefined: this runs for every frame.
    private static bool IsKnown(FrameKind kind) =>
        kind is (>= FrameKind.Hello and <= FrameKind.Stop) or FrameKind.Prepare or FrameKind.ObjectAnswer or FrameKind.Answer or FrameKind.Trace or (>= FrameKind.Ready and <= FrameKind.TooLarge) or (>= FrameKind.ClockStarted and <= FrameKind.Prepared) or (>= FrameKind.Describe and <= FrameKind.CancelObjectCall) or FrameKind.Span or (>= FrameKind.Interleaved and <= FrameKind.Withdraw);

    /// <summary>Rings have frames that sockets do not.</summary>
    public static bool IsKnownInRing(FrameKind kind) =>
        kind is (>= FrameKind.Hello and <= FrameKind.ObjectAnswer) or (>= FrameKind.MemoryAnswer and <= FrameKind.Trace) or (>= FrameKind.Ready and <= FrameKind.QuickItems) or (>= FrameKind.Prepared and <= FrameKind.Span);
}
