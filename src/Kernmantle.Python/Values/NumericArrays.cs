using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>The items of a numeric array, C-contiguous; <see cref="Format"/> is the character of Python's struct module.</summary>
internal readonly ref struct NumericArray(char format, int[] shape, ReadOnlySpan<byte> bytes)
{
    public char Format { get; } = format;

    public int[] Shape { get; } = shape;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}

/// <summary>Numeric arrays: their bits within the value, or in shared memory when there are many. Both sides have the same byte order.</summary>
internal static class NumericArrays
{
    private const int MaxRank = 32;

    /// <summary>The format of items of that type; 0 if they are no such numbers.</summary>
    public static char FormatOf(Type type) => Type.GetTypeCode(type.IsEnum ? null : type) switch
    {
        TypeCode.Boolean => '?',
        TypeCode.SByte => 'b',
        TypeCode.Byte => 'B',
        TypeCode.Int16 => 'h',
        TypeCode.UInt16 => 'H',
        TypeCode.Int32 => 'i',
        TypeCode.UInt32 => 'I',
        TypeCode.Int64 => 'q',
        TypeCode.UInt64 => 'Q',
        TypeCode.Single => 'f',
        TypeCode.Double => 'd',
        _ => '\0',
    };

    public static void Write<T>(ref PythonWriter writer, scoped ReadOnlySpan<T> items, params scoped ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        long length = (long)items.Length * Unsafe.SizeOf<T>();
        if (length > int.MaxValue)
            throw new PayloadTooLargeException("An array", length, int.MaxValue);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(items);
        int block = 0;
        long offset = 0;
        bool placed = bytes.Length >= PythonWriter.BlockBytes && writer.Blocks is { } blocks && blocks.TryPlace(bytes, out block, out offset);
        writer.EnterExtension(placed ? PythonKind.Block : PythonKind.Array);
        writer.WriteString([ArrayFormat<T>.Code]);
        writer.EnterTuple(shape.Length);
        foreach (int extent in shape)
            writer.WriteInteger(extent);
        writer.Leave();
        if (placed)
        {
            writer.WriteInteger(block);
            writer.WriteInteger(offset);
        }
        else
        {
            writer.WriteBytes(bytes);
        }
        writer.Leave();
    }

    /// <summary>The array that comes next, in either form; its bytes are not copied yet.</summary>
    public static NumericArray Read(ref PythonReader reader)
    {
        PythonKind kind = reader.Peek();
        reader.EnterExtension(kind);
        ReadOnlySpan<byte> format = reader.ReadUtf8();
        int size = format.Length == 1 ? SizeOf((char)format[0]) : 0;
        if (size == 0)
            throw new InvalidPayloadException("An array of no known format.");
        int rank = reader.EnterItems();
        if (rank > MaxRank)
            throw new InvalidPayloadException($"An array of {rank} dimensions.");
        int[] shape = new int[rank];
        Int128 count = 1;
        for (int i = 0; i < rank; i++)
        {
            shape[i] = TimeFields.ReadField(ref reader, 0, int.MaxValue, "extent of an array");
            count *= shape[i];
            if (count > long.MaxValue / sizeof(double))
                throw new InvalidPayloadException("An array of more items than can be.");
        }
        reader.Leave();
        long length = (long)count * size;
        ReadOnlySpan<byte> bytes = kind == PythonKind.Array ? reader.ReadBytes() : ReadBlock(ref reader, length);
        reader.Leave();
        return bytes.Length == length ? new((char)format[0], shape, bytes) : throw new InvalidPayloadException($"An array of {length} bytes with {bytes.Length}.");
    }

    /// <summary>An array of one dimension whose items are <typeparamref name="T"/> or fit it without loss; else null, and nothing is taken.</summary>
    public static T[]? ReadVector<T>(ref PythonReader reader)
    {
        PythonReader ahead = reader;
        NumericArray array = Read(ref ahead);
        if (array.Shape.Length != 1 || ArrayFormat<T>.Reader is not { } items || !items.Takes(array.Format))
            return null;
        T[] vector = GC.AllocateUninitializedArray<T>(array.Shape[0]);
        items.Read(array.Format, array.Bytes, vector);
        reader = ahead;
        return vector;
    }

    private static ReadOnlySpan<byte> ReadBlock(ref PythonReader reader, long length)
    {
        int block = TimeFields.ReadField(ref reader, 0, int.MaxValue, "block");
        return reader.ReadBlock(block, TimeFields.ReadLong(ref reader), length);
    }

    private static int SizeOf(char format) => format switch
    {
        '?' or 'b' or 'B' => 1,
        'h' or 'H' => 2,
        'i' or 'I' or 'f' => 4,
        'q' or 'Q' or 'd' => 8,
        _ => 0,
    };
}

/// <summary>What is known of items of one type.</summary>
internal static class ArrayFormat<T>
{
    public static readonly char Code = NumericArrays.FormatOf(typeof(T));

    /// <summary>Null if items of the type are no numbers of an array.</summary>
    public static readonly ItemReader<T>? Reader = Code switch
    {
        '\0' => null,
        '?' => (ItemReader<T>)(object)new BoolItemReader(),
        _ => (ItemReader<T>)Activator.CreateInstance(typeof(NumberItemReader<>).MakeGenericType(typeof(T)))!,
    };
}
