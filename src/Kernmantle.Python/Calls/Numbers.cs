using System.Buffers;
using Kernmantle.Python.Values;

namespace Kernmantle.Python.Calls;

/// <summary>Results that crossed as bare numbers.</summary>
internal static class Numbers<T>
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? spare;

    /// <exception cref="PythonValueMismatchException">It is no <typeparamref name="T"/>.</exception>
    public static T FromInteger(long value)
    {
        if (typeof(T) == typeof(long))
            return (T)(object)value;   // the compiler sees through this: nothing is boxed
        if (typeof(T) == typeof(int) && (int)value == value)
            return (T)(object)(int)value;
        ArrayBufferWriter<byte> buffer = Empty();
        var writer = new PythonWriter(buffer);
        writer.WriteInteger(value);
        writer.Flush();
        return Read(buffer);
    }

    /// <exception cref="PythonValueMismatchException">It is no <typeparamref name="T"/>.</exception>
    public static T FromFloat(double value)
    {
        if (typeof(T) == typeof(double))
            return (T)(object)value;
        ArrayBufferWriter<byte> buffer = Empty();
        var writer = new PythonWriter(buffer);
        writer.WriteFloat(value);
        writer.Flush();
        return Read(buffer);
    }

    private static ArrayBufferWriter<byte> Empty()
    {
        ArrayBufferWriter<byte> buffer = spare ??= new(64);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private static T Read(ArrayBufferWriter<byte> buffer)
    {
        var reader = new PythonReader(buffer.WrittenSpan);
        return PythonCodec<T>.Read(ref reader);
    }
}
