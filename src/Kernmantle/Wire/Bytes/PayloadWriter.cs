using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kernmantle.Wire.Bytes;

/// <summary>Appends primitive values, little-endian, to a buffer.</summary>
internal ref struct PayloadWriter(IBufferWriter<byte> output, IPayloadScope? scope = null)
{
    private const int Large = 16 << 10;

    public IBufferWriter<byte> Output { get; } = output;

    /// <summary>How tokens and progress sinks of this call cross; null where they cannot.</summary>
    public IPayloadScope? Scope { get; } = scope;

    /// <summary>So many bytes come, in parts: room for a large first one would be too small for the next, and its content copied.</summary>
    public readonly void Expect(long length)
    {
        if (length is > Large and <= int.MaxValue)
            Output.GetSpan((int)length);
    }

    public readonly void WriteByte(byte value)
    {
        Output.GetSpan(1)[0] = value;
        Output.Advance(1);
    }

    public readonly void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Output.GetSpan(4), value);
        Output.Advance(4);
    }

    public readonly void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Output.GetSpan(8), value);
        Output.Advance(8);
    }

    public readonly void WriteGuid(Guid value)
    {
        value.TryWriteBytes(Output.GetSpan(16));
        Output.Advance(16);
    }

    public readonly void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Output.GetSpan(bytes.Length));   // allocated at once: growing step by step would copy the content each time
        Output.Advance(bytes.Length);
    }

    /// <summary>UTF-16 code units behind a length; -1 for null. Lone surrogates survive.</summary>
    public readonly void WriteString(string? value)
    {
        WriteInt32(value?.Length ?? -1);
        if (value is { Length: > 0 })
            WriteBytes(MemoryMarshal.AsBytes(value.AsSpan()));
    }
}
