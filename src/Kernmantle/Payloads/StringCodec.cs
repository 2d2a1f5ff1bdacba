using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A string as its UTF-16 code units: lone surrogates survive.</summary>
internal sealed class StringCodec : Codec<string?>, IPlainCodec
{
    public override void Write(ref PayloadWriter writer, string? value) => writer.WriteString(value);

    public override long LeastLengthOf(string? value) => sizeof(int) + (long)(value?.Length ?? 0) * sizeof(char);

    public override string? Read(ref PayloadReader reader) => reader.ReadString();
}
