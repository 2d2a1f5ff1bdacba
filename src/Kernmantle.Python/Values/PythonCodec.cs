using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>The door to the codecs: one call per argument, and one per result. Thread-safe.</summary>
internal static class PythonCodec<T>
{
    /// <summary>
    /// Appends the value. The static type is only where it begins: an object is written as what it is.
    /// After a failure the writer is of no more use, nor is what it has written.
    /// </summary>
    /// <exception cref="NotPortableException">The value, or something in it, has no Python counterpart.</exception>
    public static void Write(ref PythonWriter writer, T value)
    {
        try
        {
            ValueCodecs<T>.Codec.Write(ref writer, value);
        }
        catch (RefusedValueException refused)
        {
            throw refused.ToNotPortable(value?.GetType() ?? typeof(T));
        }
    }

    /// <summary>Takes the next value.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are malformed.</exception>
    /// <exception cref="PythonValueMismatchException">The value does not fit.</exception>
    public static T Read(ref PythonReader reader) => ValueCodecs<T>.Codec.Read(ref reader);
}

/// <summary>Values whose type is known only at run time.</summary>
internal static class PythonCodec
{
    /// <inheritdoc cref="PythonCodec{T}.Write"/>
    public static void WriteObject(ref PythonWriter writer, object? value) => PythonCodec<object?>.Write(ref writer, value);

    /// <summary>The natural C# value: see <see cref="NaturalCodec"/>.</summary>
    /// <inheritdoc cref="PythonCodec{T}.Read"/>
    public static object? ReadObject(ref PythonReader reader) => PythonCodec<object?>.Read(ref reader);
}
