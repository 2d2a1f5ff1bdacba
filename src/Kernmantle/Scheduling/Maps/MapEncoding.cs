using System.Buffers.Binary;
using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>What the items of a frame carry, encoded: what the function captures, then the inputs, each behind its length. One after the other for the frames of a map.</summary>
internal sealed class MapEncoding<T>(Function function, Delegate called, long maxBytes, int largest) : IDisposable
{
    private readonly Parameter<T> parameter = function.ParameterOf<T>();
    private readonly PooledBuffer buffer = new(maxBytes, $"The arguments of {function.DisplayName}");
    private int itemSize;

    /// <summary>Of inputs.</summary>
    public int Count { get; private set; }

    /// <summary>One more like the last would make it larger than what goes to a worker the short way.</summary>
    public bool IsFull => Count > 0 && buffer.Count + itemSize > largest;

    /// <summary>Appends inputs until it is full: one at least. Runs the user's code.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="done">How many of them, also where the next one throws, which leaves nothing behind.</param>
    /// <exception cref="PayloadTooLargeException">The next is larger than a payload may be, or than what is left of one.</exception>
    /// <exception cref="NotPortableException">It cannot cross.</exception>
    public void Add(ReadOnlySpan<T> inputs, out int done)
    {
        done = 0;
        int start = buffer.Count;
        try
        {
            var writer = new PayloadWriter(buffer);
            if (Count == 0)
                start = WriteCaptures(ref writer);
            parameter.WriteMany(ref writer, inputs, largest, ref done);
            itemSize = (buffer.Count - start) / done;
        }
        catch
        {
            buffer.Truncate(Count + done == 0 ? 0 : MapEncoding.After(buffer.Written, start, done));
            throw;
        }
        finally
        {
            Count += done;
        }
    }

    /// <summary>All of it; the next input is the first of another.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        byte[] payload = GC.AllocateUninitializedArray<byte>(buffer.Count);
        buffer.Written.CopyTo(payload);
        buffer.Shrink();
        Count = 0;
        return payload;
    }

    public void Dispose() => buffer.Dispose();

    private int WriteCaptures(ref PayloadWriter writer)
    {
        writer.WriteInt32(0);
        function.WriteCaptures(ref writer, called);
        int length = buffer.Count;
        buffer.Patch(0, length - sizeof(int));
        return length;
    }
}

/// <summary>What such an encoding consists of.</summary>
internal static class MapEncoding
{
    /// <summary>The captures, and so many of the inputs.</summary>
    public static ReadOnlyMemory<byte> PartOf(ReadOnlyMemory<byte> payload, int from, int count)
    {
        ReadOnlySpan<byte> all = payload.Span;
        int captures = After(all, 0, 1), start = After(all, captures, from), end = After(all, start, count);
        return start == captures ? payload[..end] : (byte[])[.. all[..captures], .. all[start..end]];
    }

    /// <summary>Where so many end, each behind its length.</summary>
    public static int After(ReadOnlySpan<byte> all, int at, int count)
    {
        for (int i = 0; i < count; i++)
            at += sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(all[at..]);
        return at;
    }
}
