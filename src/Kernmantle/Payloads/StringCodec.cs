using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A string as its UTF-16 code units: lone surrogates survive.</summary>
internal sealed class StringCodec : Codec<string?>, IPlainCodec
{
    public override void Write(ref PayloadWriter writer, string? value) => writer.WriteString(value);

    public override long LeastLengthOf(string? value) => sizeof(int) + (long)(value?.Length ?? 0) * sizeof(char);

    /// <summary>Room is made once for each.</summary>
    public override void WriteMany(ref PayloadWriter writer, ReadOnlySpan<string?> values, int limit, ref int done)
    {
        PooledBuffer output = writer.Output;
        for (int size = 0; done < values.Length && (size == 0 || output.Count + size <= limit); done++)
        {
            string? value = values[done];
            ReadOnlySpan<byte> units = MemoryMarshal.AsBytes(value.AsSpan());
            size = (2 * sizeof(int)) + units.Length;
            Span<byte> to = output.Take(size);
            BinaryPrimitives.WriteInt32LittleEndian(to, size - sizeof(int));
            BinaryPrimitives.WriteInt32LittleEndian(to[sizeof(int)..], value?.Length ?? -1);
            units.CopyTo(to[(2 * sizeof(int))..]);
        }
    }

    public override string? Read(ref PayloadReader reader) => reader.ReadString();
}
