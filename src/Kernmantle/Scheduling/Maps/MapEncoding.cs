using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>What the items of a frame carry, encoded: what the function captures, then the inputs, each behind its length.</summary>
internal sealed class MapEncoding<T>(Function function, int capacity, long maxBytes)
{
    /// <summary>What fits a ring at its default size with room to spare, in bytes.</summary>
    private const int LargestPayload = 16 << 10;

    private readonly PooledBuffer buffer = new(maxBytes, $"The arguments of {function.DisplayName}");
    private readonly int[] offsets = new int[capacity + 1];
    private int count;
    private byte[] payload = [];

    public bool IsFull => buffer.Written.Length >= LargestPayload;

    /// <summary>Appends an input. Runs the user's code. What it throws leaves all as it was.</summary>
    /// <exception cref="PayloadTooLargeException">It is larger than a payload may be, or than what is left of one.</exception>
    /// <exception cref="NotPortableException">It cannot cross.</exception>
    public void Add(Delegate called, T input)
    {
        var writer = new PayloadWriter(buffer);
        int start = offsets[count];
        try
        {
            if (count == 0)
                start = offsets[0] = WriteCaptures(ref writer, called);
            writer.WriteInt32(0);
            function.WriteArguments(ref writer, new ValueTuple<T>(input));
            buffer.Patch(start, buffer.Written.Length - start - sizeof(int));
        }
        catch
        {
            buffer.Truncate(count == 0 ? 0 : start);
            throw;
        }
        offsets[++count] = buffer.Written.Length;
    }

    public void Seal()
    {
        payload = buffer.Written.ToArray();
        buffer.Dispose();
    }

    public ReadOnlyMemory<byte> PayloadOf(int from, int items) => from == 0
        ? payload.AsMemory(..offsets[items])
        : (byte[])[.. payload.AsSpan(..offsets[0]), .. payload.AsSpan(offsets[from]..offsets[from + items])];

    private int WriteCaptures(ref PayloadWriter writer, Delegate called)
    {
        writer.WriteInt32(0);
        function.WriteCaptures(ref writer, called);
        int length = buffer.Written.Length;
        buffer.Patch(0, length - sizeof(int));
        return length;
    }
}
