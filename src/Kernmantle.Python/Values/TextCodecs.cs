using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>A string as str; read from a path too.</summary>
internal sealed class StringCodec : ValueCodec<string?>
{
    public override void Write(ref PythonWriter writer, string? value)
    {
        if (value is null)
            writer.WriteNone();
        else
            writer.WriteString(value);
    }

    public override string? Read(ref PythonReader reader)
    {
        switch (reader.Peek())
        {
            case PythonKind.Str:
                return reader.ReadString();
            case PythonKind.Path:
                reader.EnterExtension(PythonKind.Path);
                string path = reader.ReadString();
                reader.Leave();
                return path;
            default:
                return ReadOther(ref reader);
        }
    }
}

/// <summary>A UTF-16 code unit as a str of one character.</summary>
internal sealed class CharCodec : ValueCodec<char>
{
    public override void Write(ref PythonWriter writer, char value) => writer.WriteString([value]);

    public override char Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.Str)
            return ReadOther(ref reader);
        string text = reader.ReadString();
        return text.Length == 1 ? text[0] : throw Mismatch("str", "It is not one UTF-16 character: ask for string.");
    }
}

/// <summary>A Guid as uuid.UUID.</summary>
internal sealed class GuidCodec : ValueCodec<Guid>
{
    private const int Bytes = 16;

    public override void Write(ref PythonWriter writer, Guid value)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        writer.EnterExtension(PythonKind.Uuid);
        writer.WriteBytes(bytes);
        writer.Leave();
    }

    public override Guid Read(ref PythonReader reader)
    {
        if (reader.Peek() != PythonKind.Uuid)
            return ReadOther(ref reader);
        reader.EnterExtension(PythonKind.Uuid);
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        reader.Leave();
        return bytes.Length == Bytes ? new Guid(bytes, bigEndian: true) : throw new InvalidPayloadException($"A UUID of {bytes.Length} bytes.");
    }
}

/// <summary>Bytes as bytes; read from an array of unsigned bytes too. What holds them is made by <paramref name="make"/>.</summary>
internal sealed class BytesCodec<T>(Func<T, ReadOnlyMemory<byte>?> open, Func<byte[], T> make) : ValueCodec<T>
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (open(value) is { } bytes)
            writer.WriteBytes(bytes.Span);
        else
            writer.WriteNone();
    }

    public override T Read(ref PythonReader reader) => reader.Peek() switch
    {
        _ when reader.HasBytes => make(reader.ReadBytes().ToArray()),
        PythonKind.Array or PythonKind.Block => make(NumericArrays.ReadVector<byte>(ref reader) ?? throw Mismatch(ref reader)),
        PythonKind.List or PythonKind.Tuple => make(ItemsReader.Read<byte>(ref reader)),
        _ => ReadOther(ref reader),
    };
}
