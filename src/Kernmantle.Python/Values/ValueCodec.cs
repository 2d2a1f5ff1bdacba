using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>A codec whose type is known only at run time.</summary>
internal abstract class ValueCodec
{
    public abstract void WriteBoxed(ref PythonWriter writer, object value);

    public abstract object? ReadBoxed(ref PythonReader reader);
}

/// <summary>
/// Turns values of <typeparamref name="T"/> into Python values and back. Instances are stateless and thread-safe, one per type
/// (<see cref="ValueCodecs"/>).
/// </summary>
internal abstract class ValueCodec<T> : ValueCodec
{
    /// <exception cref="RefusedValueException">The value has no Python counterpart.</exception>
    public abstract void Write(ref PythonWriter writer, T value);

    /// <exception cref="InvalidPayloadException">The bytes are malformed.</exception>
    /// <exception cref="PythonValueMismatchException">The value does not fit.</exception>
    public abstract T Read(ref PythonReader reader);

    public sealed override void WriteBoxed(ref PythonWriter writer, object value) => Write(ref writer, (T)value);

    public sealed override object? ReadBoxed(ref PythonReader reader) => Read(ref reader);

    /// <summary>
    /// What every codec does with a value that is not its own: None is null where the type has it, a member of an enum is its value,
    /// everything else a mismatch.
    /// </summary>
    protected T ReadOther(ref PythonReader reader)
    {
        switch (reader.Peek())
        {
            case PythonKind.None when default(T) is null:
                reader.ReadNone();
                return default!;
            case PythonKind.Enum:
                reader.EnterExtension(PythonKind.Enum);
                reader.Skip();
                reader.Skip();
                T value = Read(ref reader);
                reader.Leave();
                return value;
            case PythonKind.End:
                throw reader.Unexpected("A value");
            default:
                throw Mismatch(ref reader);
        }
    }

    protected static PythonValueMismatchException Mismatch(ref PythonReader reader, string? remedy = null, Exception? inner = null) =>
        Mismatch(reader.Describe(), remedy ?? Remedy(ref reader), inner);

    protected static PythonValueMismatchException Mismatch(string pythonType, string remedy, Exception? inner = null) => new(pythonType, typeof(T), remedy, inner);

    /// <summary>Runs code of the type asked for, which may refuse what it is given: a comparer, or a constructor.</summary>
    protected static T Made<TSource>(Func<TSource, T> make, TSource source, string pythonType)
    {
        try
        {
            return make(source);
        }
        catch (Exception exception)
        {
            throw Mismatch(pythonType, $"Its values were refused: {exception.Message}", exception);
        }
    }

    private static string Remedy(ref PythonReader reader) => reader.Peek() switch
    {
        PythonKind.None => $"Ask for {Nullable()}, or return a value.",
        PythonKind.Other or PythonKind.Ellipsis => "It has no C# counterpart: return plain data, such as numbers, str, list, dict or a dataclass.",
        PythonKind.Float when typeof(T) != typeof(string) => "Ask for double, or return int(…) or round(…).",
        _ => $"Ask for another type, or return a value that is a {PortableTypes.Name(typeof(T))}.",
    };

    private static string Nullable() => $"{PortableTypes.Name(typeof(T))}?";
}
