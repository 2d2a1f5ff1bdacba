using System.Collections;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Plain;

/// <summary>An array of bits, at copying cost.</summary>
internal sealed class PlainRun(Type item) : PlainShape
{
    private readonly int size = System.Runtime.CompilerServices.RuntimeHelpers.SizeOf(item.TypeHandle);

    public override void Write(ref PayloadWriter writer, object? value)
    {
        if (value is not Array items)
        {
            writer.WriteInt32(-1);
            return;
        }
        if (items.Length > int.MaxValue / size)
            throw new PayloadTooLargeException("An array", (long)items.Length * size, int.MaxValue);
        writer.WriteInt32(items.Length);
        writer.WriteBytes(BytesOf(items));
    }

    public override object? Read(ref PayloadReader reader)
    {
        int count = ReadCount(ref reader, size);
        if (count < 0)
            return null;
        Array items = Array.CreateInstance(item, count);
        reader.ReadBytes(count * size).CopyTo(BytesOf(items));
        return items;
    }

    private Span<byte> BytesOf(Array items) => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(items), items.Length * size);
}

internal sealed class PlainArray(Type item, PlainShape shape) : PlainShape
{
    public override void Write(ref PayloadWriter writer, object? value)
    {
        if (value is not Array items)
        {
            writer.WriteInt32(-1);
            return;
        }
        writer.WriteInt32(items.Length);
        foreach (object? each in items)
            shape.Write(ref writer, each);
    }

    public override object? Read(ref PayloadReader reader)
    {
        int count = ReadCount(ref reader);
        if (count < 0)
            return null;
        Array items = Array.CreateInstance(item, count);
        for (int i = 0; i < count; i++)
        {
            object? each = shape.Read(ref reader);
            if (items is object?[] references)
                references[i] = each;
            else
                items.SetValue(each, i);
        }
        return items;
    }
}

internal sealed class PlainList(Type type, PlainShape item) : PlainShape
{
    public override void Write(ref PayloadWriter writer, object? value)
    {
        if (value is not IList items)
        {
            writer.WriteInt32(-1);
            return;
        }
        int count = items.Count;
        writer.WriteInt32(count);
        for (int i = 0; i < count; i++)
            item.Write(ref writer, items[i]);
    }

    public override object? Read(ref PayloadReader reader)
    {
        int count = ReadCount(ref reader);
        if (count < 0)
            return null;
        var items = (IList)Activator.CreateInstance(type)!;
        for (int i = 0; i < count; i++)
            items.Add(item.Read(ref reader));
        return items;
    }
}

internal sealed class PlainDictionary(Type type, PlainShape key, PlainShape item) : PlainShape
{
    public override void Write(ref PayloadWriter writer, object? value)
    {
        if (value is not IDictionary items)
        {
            writer.WriteInt32(-1);
            return;
        }
        writer.WriteInt32(items.Count);
        foreach (DictionaryEntry each in items)
        {
            key.Write(ref writer, each.Key);
            item.Write(ref writer, each.Value);
        }
    }

    public override object? Read(ref PayloadReader reader)
    {
        int count = ReadCount(ref reader);
        if (count < 0)
            return null;
        var items = (IDictionary)Activator.CreateInstance(type)!;
        for (int i = 0; i < count; i++)
            items.Add(key.Read(ref reader) ?? throw new InvalidPayloadException("A key that is null."), item.Read(ref reader));
        return items;
    }
}
