using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Sharing;

/// <summary>The tuple of an operation's arguments.</summary>
internal static class ReadArguments
{
    /// <exception cref="InvalidPayloadException">It has some.</exception>
    public static void None(ref PythonReader reader) => Expect(ref reader, 0);

    /// <exception cref="InvalidPayloadException">It has another number of them.</exception>
    /// <exception cref="PythonValueMismatchException">It does not fit.</exception>
    public static T One<T>(ref PythonReader reader)
    {
        Expect(ref reader, 1);
        return PythonCodec<T>.Read(ref reader);
    }

    /// <inheritdoc cref="One"/>
    public static (T First, TOther Second) Two<T, TOther>(ref PythonReader reader)
    {
        Expect(ref reader, 2);
        return (PythonCodec<T>.Read(ref reader), PythonCodec<TOther>.Read(ref reader));
    }

    private static void Expect(ref PythonReader reader, int count)
    {
        int found = reader.EnterItems();
        if (found != count)
            throw new InvalidPayloadException($"{found} arguments instead of {count}.");
    }
}
