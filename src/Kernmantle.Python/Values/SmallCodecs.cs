using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Python.Values;

/// <summary>No value as None.</summary>
internal sealed class NullableCodec<T> : ValueCodec<T?>
    where T : struct
{
    public override void Write(ref PythonWriter writer, T? value)
    {
        if (value is { } known)
            ValueCodecs<T>.Codec.Write(ref writer, known);
        else
            writer.WriteNone();
    }

    public override T? Read(ref PythonReader reader) => reader.Peek() == PythonKind.None ? ReadOther(ref reader) : ValueCodecs<T>.Codec.Read(ref reader);
}

/// <summary>The result of what has none: whatever comes is left aside.</summary>
internal sealed class UnitCodec : ValueCodec<Unit>
{
    public override void Write(ref PythonWriter writer, Unit value) => writer.WriteNone();

    public override Unit Read(ref PythonReader reader)
    {
        reader.Skip();
        return default;
    }
}

/// <summary>A type without a Python counterpart. Its null is None all the same.</summary>
internal sealed class RefusedCodec<T>(string remedy) : ValueCodec<T>
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is not null)
            throw new RefusedValueException(PortableTypes.Name(value.GetType()), remedy);
        writer.WriteNone();
    }

    public override T Read(ref PythonReader reader) => reader.Peek() == PythonKind.None && default(T) is null
        ? ReadOther(ref reader)
        : throw Mismatch(ref reader, remedy);
}

/// <summary>A type of System.Text.Json, through <see cref="JsonElementCodec"/>.</summary>
internal sealed class JsonCodec<T>(Func<T, System.Text.Json.JsonElement> open, Func<System.Text.Json.JsonElement, T> make) : ValueCodec<T>
{
    private static readonly JsonElementCodec Element = new();

    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is null)
            writer.WriteNone();
        else
            Element.Write(ref writer, open(value));
    }

    public override T Read(ref PythonReader reader) => make(Element.Read(ref reader));
}
