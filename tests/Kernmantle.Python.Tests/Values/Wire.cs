using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Tests.Values;

/// <summary>Bytes of values, and what becomes of them on the way through Python.</summary>
internal static class Wire
{
    public static byte[] Write<T>(T value, IPythonBlocks? blocks = null)
    {
        using var buffer = new PooledBuffer();
        var writer = new PythonWriter(buffer, blocks);
        PythonCodec<T>.Write(ref writer, value);
        writer.Flush();
        return buffer.Written.ToArray();
    }

    public static T Read<T>(ReadOnlySpan<byte> bytes, IPythonBlockSource? blocks = null, bool isPython2 = false)
    {
        var reader = new PythonReader(bytes, blocks, isPython2: isPython2);
        T value = PythonCodec<T>.Read(ref reader);
        reader.RequireEnd();
        return value;
    }

    /// <summary>What Python shows of the value.</summary>
    public static string Shown<T>(T value) => PythonChild.Get().Load(Write(value)).Shown;

    /// <summary>The C# value of a Python expression.</summary>
    public static T Eval<T>(string expression) => Read<T>(PythonChild.Get().Eval(expression).Dumped);

    public static T ThroughPython<T>(T value) => Read<T>(PythonChild.Get().Load(Write(value)).Dumped);

    /// <summary>The value is the same after C# → bytes → Python → bytes → C#, and both wrote the same bytes.</summary>
    public static void Survives<T>(T value, bool sameBytes = true)
    {
        byte[] ours = Write(value);
        byte[] theirs = PythonChild.Get().Load(ours).Dumped;
        if (sameBytes)
            Assert.Equal(Convert.ToHexString(theirs), Convert.ToHexString(ours));
        Assert.Equal(value, Read<T>(theirs));
        Assert.Equal(value, Read<T>(ours));
    }

    /// <summary>As <see cref="Survives"/>, for values that have no equality: what came back is written in the same bytes.</summary>
    public static void ReturnsAsWritten<T>(T value)
    {
        byte[] ours = Write(value);
        byte[] theirs = PythonChild.Get().Load(ours).Dumped;
        Assert.Equal(Convert.ToHexString(ours), Convert.ToHexString(theirs));
        Assert.Equal(Convert.ToHexString(ours), Convert.ToHexString(Write(Read<T>(theirs))));
    }

    public static PythonValueMismatchException Mismatch<T>(string expression)
    {
        byte[] bytes = PythonChild.Get().Eval(expression).Dumped;
        return Assert.Throws<PythonValueMismatchException>(() => Read<T>(bytes));
    }
}

/// <summary>Blocks in ordinary memory.</summary>
internal sealed class MemoryBlocks(int capacity) : IPythonBlocks, IPythonBlockSource
{
    private readonly byte[] block = new byte[capacity];
    private int used;

    public int Placed { get; private set; }

    public long LimitBytes => capacity;

    public bool TryPlace(ReadOnlySpan<byte> bytes, out int blockId, out long offset)
    {
        (blockId, offset) = (7, used);
        if (bytes.Length > block.Length - used)
            return false;
        bytes.CopyTo(block.AsSpan(used));
        used += bytes.Length;
        Placed++;
        return true;
    }

    public ReadOnlySpan<byte> Get(int blockId, long offset, long length) => blockId == 7 && offset <= capacity && length <= capacity - offset
        ? block.AsSpan((int)offset, (int)length)
        : throw new InvalidPayloadException("No such block.");
}
