using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Kernmantle.Python.Values;

/// <summary>Items of a list, tuple, set, frozenset or array of one dimension.</summary>
internal static class ItemsReader
{
    // A count is only a promise until the items are there.
    private const int FirstItems = 1024;

    public static bool Begins(ref PythonReader reader) => reader.Peek() is PythonKind.List or PythonKind.Tuple or PythonKind.Set or PythonKind.FrozenSet;

    public static T[] Read<T>(ref PythonReader reader)
    {
        int count = reader.EnterItems();
        if (count == 0)
        {
            reader.Leave();
            return [];
        }
        T[] items = new T[Math.Min(count, FirstItems)];
        ValueCodec<T> codec = ValueCodecs<T>.Codec;
        int i = 0;
        try
        {
            for (; i < count; i++)
            {
                if (i == items.Length)
                    Array.Resize(ref items, (int)Math.Min(count, items.Length * 2L));
                items[i] = codec.Read(ref reader);
            }
        }
        catch (PythonValueMismatchException mismatch) when (mismatch.Passes(ValuePath.Index(i)))
        {
            throw;
        }
        reader.Leave();
        return items;
    }

    public static void Write<T>(ref PythonWriter writer, ReadOnlySpan<T> items)
    {
        ValueCodec<T> codec = ValueCodecs<T>.Codec;
        int i = 0;
        try
        {
            for (; i < items.Length; i++)
                codec.Write(ref writer, items[i]);
        }
        catch (RefusedValueException refused) when (refused.Passes(ValuePath.Index(i)))
        {
            throw;
        }
    }
}

/// <summary>A collection as list, in its order. What <paramref name="make"/> makes of items; null where the type can only be written.</summary>
internal sealed class SequenceCodec<T, TItem>(Func<TItem[], T>? make) : ValueCodec<T>
{
    public override void Write(ref PythonWriter writer, T value)
    {
        switch (value)
        {
            case null:
            case ImmutableArray<TItem> { IsDefault: true }:
            case ArraySegment<TItem> { Array: null }:
                writer.WriteNone();
                break;
            case TItem[] array when typeof(T) == array.GetType():
                Write(ref writer, array.AsSpan());
                break;
            case List<TItem> list when typeof(T) == list.GetType():
                Write(ref writer, CollectionsMarshal.AsSpan(list));
                break;
            case Memory<TItem> memory:
                Write(ref writer, memory.Span);
                break;
            case ReadOnlyMemory<TItem> memory:
                Write(ref writer, memory.Span);
                break;
            default:
                if (!ValueCodecs.TryWriteAsItIs<T>(ref writer, value))
                    Write(ref writer, ((IEnumerable<TItem>)value).ToArray());
                break;
        }
    }

    public override T Read(ref PythonReader reader)
    {
        PythonKind kind = reader.Peek();
        if (kind == PythonKind.None || make is null)
            return ReadOther(ref reader);
        if (kind is PythonKind.Array or PythonKind.Block)
            return Made(make, NumericArrays.ReadVector<TItem>(ref reader) ?? throw Mismatch(ref reader, ArrayMismatch.Remedy), "array");
        if (reader.HasBytes && typeof(TItem) == typeof(byte))
            return make((TItem[])(object)reader.ReadBytes().ToArray());
        return ItemsReader.Begins(ref reader) ? Made(make, ItemsReader.Read<TItem>(ref reader), "sequence") : ReadOther(ref reader);
    }

    private static void Write(ref PythonWriter writer, ReadOnlySpan<TItem> items)
    {
        writer.EnterList(items.Length);
        ItemsReader.Write(ref writer, items);
        writer.Leave();
    }
}

/// <summary>A set as set; read from any sequence.</summary>
internal sealed class SetCodec<T, TItem>(Func<TItem[], T>? make) : ValueCodec<T>
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteNone();
            return;
        }
        if (ValueCodecs.TryWriteAsItIs(ref writer, value))
            return;
        TItem[] items = [.. (IEnumerable<TItem>)value];
        writer.EnterSet(items.Length);
        ItemsReader.Write<TItem>(ref writer, items);
        writer.LeaveSet();
    }

    public override T Read(ref PythonReader reader)
    {
        if (reader.Peek() is PythonKind.Array or PythonKind.Block && make is not null)
            return Made(make, NumericArrays.ReadVector<TItem>(ref reader) ?? throw Mismatch(ref reader, ArrayMismatch.Remedy), "array");
        return make is not null && ItemsReader.Begins(ref reader) ? Made(make, ItemsReader.Read<TItem>(ref reader), "sequence") : ReadOther(ref reader);
    }
}
