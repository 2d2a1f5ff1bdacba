using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kernmantle.Wire.Bytes;

/// <summary>Appends primitive values, little-endian, to a buffer.</summary>
internal ref struct PayloadWriter(PooledBuffer output, IPayloadScope? scope = null)
{
    private const int Large = 16 << 10;

    public PooledBuffer Output { get; } = output;

    /// <summary>How tokens and progress sinks of this call cross; null where they cannot.</summary>
    public IPayloadScope? Scope { get; } = scope;

    /// <summary>So many bytes come, in parts: room for a large first one would be too small for the next, and its content copied.</summary>
    public readonly void Expect(long length)
    {
        if (length is > Large and <= int.MaxValue)
            Output.GetSpan((int)length);
    }

    public readonly void WriteByte(byte value) => Output.Take(1)[0] = value;

    public readonly void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Output.Take(sizeof(int)), value);

    public readonly void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Output.Take(sizeof(long)), value);

    public readonly void WriteGuid(Guid value) => value.TryWriteBytes(Output.Take(16));

    public readonly void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Output.Take(bytes.Length));   // allocated at once: growing step by step would copy the content each time

    /// <summary>UTF-16 code units behind a length; -1 for null. Lone surrogates survive.</summary>
    public readonly void WriteString(string? value)
    {
        WriteInt32(value?.Length ?? -1);
        if (value is not null)
            WriteBytes(MemoryMarshal.AsBytes(value.AsSpan()));
    }
}
