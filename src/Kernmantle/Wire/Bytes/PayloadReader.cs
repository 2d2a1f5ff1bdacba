using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.SharedBuffers;

namespace Kernmantle.Wire.Bytes;

/// <summary>Reads what <see cref="PayloadWriter"/> wrote. Every length is checked: the bytes may come from a hostile worker.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> data, IPayloadScope? scope = null, IBufferScope? buffers = null)
{
    private ReadOnlySpan<byte> rest = data;

    public readonly IPayloadScope? Scope => scope;

    /// <summary>Where shared buffers are found; null where none can be.</summary>
    public readonly IBufferScope? Buffers => buffers ?? scope as IBufferScope;

    public readonly int Remaining => rest.Length;

    public byte ReadByte() => ReadBytes(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadBytes(8));

    public Guid ReadGuid() => new(ReadBytes(16));

    /// <summary>The next <paramref name="count"/> bytes, without a copy.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)rest.Length)
            throw TooFew(count);
        ReadOnlySpan<byte> bytes = rest[..count];
        rest = rest[count..];
        return bytes;
    }

    public string? ReadString()
    {
        int length = ReadInt32();
        if (length == -1)
            return null;
        if (length < 0 || length > rest.Length / sizeof(char))
            throw NoString(length);
        ReadOnlySpan<byte> units = ReadBytes(length * sizeof(char));
        return new string(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, char>(ref MemoryMarshal.GetReference(units)), length));   // Cast would be compiled at a worker's start
    }

    // Apart, so that what reads is small enough to become part of its callers.

    private readonly InvalidPayloadException TooFew(int count) => new($"{count} bytes expected, {rest.Length} left.");

    private readonly InvalidPayloadException NoString(int length) => new($"A string of {length} characters in {rest.Length} bytes.");
}
