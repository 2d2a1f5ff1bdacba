using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Payloads;
using Kernmantle.Python.Sharing;

namespace Kernmantle.Python.Values;

/// <summary>Numbers in a row as an array; read from any sequence too. What holds them is made by <paramref name="make"/>.</summary>
internal sealed class VectorCodec<T, TItem>(Func<T, ReadOnlyMemory<TItem>?> open, Func<TItem[], T> make) : ValueCodec<T>
    where TItem : unmanaged
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (open(value) is { } items)
            NumericArrays.Write(ref writer, items.Span, items.Length);
        else
            writer.WriteNone();
    }

    public override T Read(ref PythonReader reader)
    {
        if (reader.Peek() is PythonKind.Array or PythonKind.Block)
            return make(NumericArrays.ReadVector<TItem>(ref reader) ?? throw Mismatch(ref reader, ArrayMismatch.Remedy));
        return ItemsReader.Begins(ref reader) ? make(ItemsReader.Read<TItem>(ref reader)) : ReadOther(ref reader);
    }
}

/// <summary>Numbers in two or three dimensions as an array of that shape. <typeparamref name="T"/> is the type of the array.</summary>
internal sealed class MatrixCodec<T, TItem> : ValueCodec<T>
    where TItem : unmanaged
{
    private static readonly int Rank = typeof(T).GetArrayRank();

    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is not Array array)
        {
            writer.WriteNone();
            return;
        }
        Span<int> shape = stackalloc int[Rank];
        for (int i = 0; i < shape.Length; i++)
            shape[i] = array.GetLength(i);
        NumericArrays.Write(ref writer, (ReadOnlySpan<TItem>)Items(array), shape);
    }

    public override T Read(ref PythonReader reader)
    {
        if (reader.Peek() is not (PythonKind.Array or PythonKind.Block))
            return ReadOther(ref reader);
        PythonReader ahead = reader;
        NumericArray source = NumericArrays.Read(ref ahead);
        if (source.Shape.Length != Rank || !ArrayFormat<TItem>.Reader!.Takes(source.Format) || !Exists(source.Shape))
            throw Mismatch(ref reader, ArrayMismatch.Remedy);
        var array = Array.CreateInstance(typeof(TItem), source.Shape);
        ArrayFormat<TItem>.Reader.Read(source.Format, source.Bytes, Items(array));
        reader = ahead;
        return (T)(object)array;
    }

    // An empty array may have extents that .NET refuses even so.
    private static bool Exists(int[] shape)
    {
        long items = 1;
        foreach (int extent in shape)
        {
            items *= Math.Max(extent, 1);
            if (items > Array.MaxLength)
                return false;
        }
        return true;
    }

    private static Span<TItem> Items(Array array) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, TItem>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}

/// <summary>
/// A shared buffer: among the arguments of a call its memory itself, which the function sees as an array; elsewhere its items. What is read is an array, copied into a new buffer.
/// </summary>
internal sealed class SharedBufferCodec<TItem> : ValueCodec<SharedBuffer<TItem>?>
    where TItem : unmanaged
{
    public override void Write(ref PythonWriter writer, SharedBuffer<TItem>? value)
    {
        if (value is null)
        {
            writer.WriteNone();
            return;
        }
        Span<TItem> items = value.Span;   // throws if it was disposed of
        if (writer.Objects is CallObjects { AreKnown: true } call)
            HostObjects.Write(ref writer, call, HostObject.Of(value, typeof(BufferObject<TItem>)));
        else
            NumericArrays.Write<TItem>(ref writer, items, value.Length);
    }

    public override SharedBuffer<TItem>? Read(ref PythonReader reader)
    {
        if (reader.Peek() is not (PythonKind.Array or PythonKind.Block))
            return reader.Peek() == PythonKind.None ? ReadOther(ref reader) : throw Mismatch(ref reader, "Return an array of numbers.");
        PythonReader ahead = reader;
        NumericArray source = NumericArrays.Read(ref ahead);
        if (source.Shape.Length != 1 || ArrayFormat<TItem>.Reader is not { } items || !items.Takes(source.Format))
            throw Mismatch(ref reader, ArrayMismatch.Remedy);
        SharedBuffer<TItem> buffer = SharedBuffer.Allocate<TItem>(source.Shape[0]);
        items.Read(source.Format, source.Bytes, buffer.Span);
        reader = ahead;
        return buffer;
    }
}

internal static class ArrayMismatch
{
    public const string Remedy = "Ask for an array of as many dimensions and of a type that holds its items, or convert it there: x.astype(…), x.ravel(), x.tolist().";
}
