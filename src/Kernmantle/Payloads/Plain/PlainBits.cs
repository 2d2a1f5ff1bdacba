using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Plain;

/// <summary>A value in its box, by its bits: <see cref="Bits"/> says which types are nothing else.</summary>
internal class PlainBits(Type type) : PlainShape
{
    private readonly int size = RuntimeHelpers.SizeOf(type.TypeHandle);

    public sealed override bool IsLeaf => true;

    /// <exception cref="InvalidPayloadException">Never here: every pattern of bits is a value of the type.</exception>
    private protected virtual void Check(ReadOnlySpan<byte> bits)
    {
    }

    public static PlainBits Of(Type type) => type == typeof(bool) ? new PlainBoolean() : type == typeof(DateTime) ? new PlainTime() : new PlainBits(type);

    public sealed override void Write(ref PayloadWriter writer, object? value) => writer.WriteBytes(MemoryMarshal.CreateReadOnlySpan(ref Boxed(value!), size));

    public sealed override object? Read(ref PayloadReader reader)
    {
        ReadOnlySpan<byte> bits = reader.ReadBytes(size);
        Check(bits);
        object box = RuntimeHelpers.GetUninitializedObject(type);
        bits.CopyTo(MemoryMarshal.CreateSpan(ref Boxed(box), size));
        return box;
    }

    /// <summary>The first byte of what is in the box.</summary>
    private static ref byte Boxed(object box) => ref Unsafe.As<Box>(box).First;

    private sealed class Box
    {
#pragma warning disable CS0649 // It lies over other objects and is never made.
        public byte First;
#pragma warning restore CS0649
    }
}

/// <summary>There are two.</summary>
internal sealed class PlainBoolean() : PlainBits(typeof(bool))
{
    private protected override void Check(ReadOnlySpan<byte> bits)
    {
        if (bits[0] > 1)
            throw new InvalidPayloadException($"A bool of {bits[0]}.");
    }
}

internal sealed class PlainTime() : PlainBits(typeof(DateTime))
{
    private protected override void Check(ReadOnlySpan<byte> bits)
    {
        if ((ulong)MemoryMarshal.Read<DateTime>(bits).Ticks > (ulong)DateTime.MaxValue.Ticks)
            throw new InvalidPayloadException("No such time.");
    }
}
