using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>Runs of values by their bits, at copying cost: a length in items (-1 for null), then the bits.</summary>
internal static class BitsRun
{
    public static void Write<T>(ref PayloadWriter writer, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        writer.WriteInt32(items.Length);
        if (items.Length > int.MaxValue / Unsafe.SizeOf<T>())
            throw new PayloadTooLargeException("An array", (long)items.Length * Unsafe.SizeOf<T>(), int.MaxValue);
        writer.WriteBytes(MemoryMarshal.AsBytes(items));
    }

    public static long LengthOf<T>(int items)
        where T : unmanaged => sizeof(int) + (long)items * Unsafe.SizeOf<T>();

    public static T[]? Read<T>(ref PayloadReader reader)
        where T : unmanaged => TryReadBytes<T>(ref reader, out ReadOnlySpan<byte> bytes) ? Copy<T>(bytes) : null;

    /// <summary>As it lies there where that is the call's for as long as it lasts, else a copy.</summary>
    public static ReadOnlyMemory<T> View<T>(ref PayloadReader reader)
        where T : unmanaged
    {
        if (!TryReadBytes<T>(ref reader, out ReadOnlySpan<byte> bytes))
            return default;
        return reader.Buffers is { } scope && scope.TryView(bytes, out ReadOnlyMemory<T> view) ? view : Copy<T>(bytes);
    }

    /// <summary>False for null. The length is read once, and checked before anything is allocated.</summary>
    private static bool TryReadBytes<T>(ref PayloadReader reader, out ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        bytes = default;
        int count = reader.ReadInt32();
        if (count == -1)
            return false;
        if (count < 0 || count > reader.Remaining / Unsafe.SizeOf<T>())
            throw new InvalidPayloadException($"{count} items of {Unsafe.SizeOf<T>()} bytes in {reader.Remaining} bytes.");
        bytes = reader.ReadBytes(count * Unsafe.SizeOf<T>());
        return true;
    }

    private static T[] Copy<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        T[] items = NewArray.ToFill<T>(bytes.Length / Unsafe.SizeOf<T>());
        bytes.CopyTo(MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }
}

internal sealed class BitsArrayCodec<T> : Codec<T[]?>, IPlainCodec
    where T : unmanaged
{
    public override void Write(ref PayloadWriter writer, T[]? value)
    {
        if (value is null)
            writer.WriteInt32(-1);
        else
            BitsRun.Write<T>(ref writer, value);
    }

    public override long LeastLengthOf(T[]? value) => BitsRun.LengthOf<T>(value?.Length ?? 0);

    public override T[]? Read(ref PayloadReader reader) => BitsRun.Read<T>(ref reader);
}

internal sealed class MemoryCodec<T> : Codec<Memory<T>>, IPlainCodec
    where T : unmanaged
{
    public override void Write(ref PayloadWriter writer, Memory<T> value) => BitsRun.Write<T>(ref writer, value.Span);

    public override long LeastLengthOf(Memory<T> value) => BitsRun.LengthOf<T>(value.Length);

    public override Memory<T> Read(ref PayloadReader reader) => BitsRun.Read<T>(ref reader);
}

internal sealed class ReadOnlyMemoryCodec<T> : Codec<ReadOnlyMemory<T>>, IPlainCodec
    where T : unmanaged
{
    public override void Write(ref PayloadWriter writer, ReadOnlyMemory<T> value) => BitsRun.Write(ref writer, value.Span);

    public override long LeastLengthOf(ReadOnlyMemory<T> value) => BitsRun.LengthOf<T>(value.Length);

    public override ReadOnlyMemory<T> Read(ref PayloadReader reader) => BitsRun.View<T>(ref reader);
}

internal sealed class ArraySegmentCodec<T> : Codec<ArraySegment<T>>, IPlainCodec
    where T : unmanaged
{
    public override void Write(ref PayloadWriter writer, ArraySegment<T> value)
    {
        if (value.Array is null)
            writer.WriteInt32(-1);
        else
            BitsRun.Write<T>(ref writer, value);
    }

    public override long LeastLengthOf(ArraySegment<T> value) => BitsRun.LengthOf<T>(value.Count);

    public override ArraySegment<T> Read(ref PayloadReader reader) => BitsRun.Read<T>(ref reader) is { } items ? new(items) : default;
}
