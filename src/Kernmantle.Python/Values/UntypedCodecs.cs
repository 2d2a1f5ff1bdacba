using System.Collections;
using System.Text.Json.Nodes;

namespace Kernmantle.Python.Values;

/// <summary>A collection without an item type, as ArrayList: a list of what it holds.</summary>
internal sealed class UntypedSequenceCodec<T> : ValueCodec<T>
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is null)
            writer.WriteNone();
        else if (!ValueCodecs.TryWriteAsItIs(ref writer, value))
            ValueCodecs<object?[]>.Codec.Write(ref writer, [.. ((IEnumerable)value).Cast<object?>()]);
    }

    public override T Read(ref PythonReader reader) => typeof(T) == typeof(IEnumerable) || typeof(T) == typeof(ICollection) || typeof(T) == typeof(IList)
        ? (T)(object?)ValueCodecs<List<object?>>.Codec.Read(ref reader)!
        : ReadOther(ref reader);
}

/// <summary>A dictionary without types, as Hashtable: a dict of what it holds.</summary>
internal sealed class UntypedDictionaryCodec<T> : ValueCodec<T>
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
        Dictionary<object, object?> pairs = [];
        foreach (DictionaryEntry entry in (IDictionary)value)
            pairs.Add(entry.Key, entry.Value);
        ValueCodecs<Dictionary<object, object?>>.Codec.Write(ref writer, pairs);
    }

    public override T Read(ref PythonReader reader) => typeof(T) == typeof(IDictionary)
        ? (T)(object)ValueCodecs<Dictionary<object, object?>>.Codec.Read(ref reader)
        : ReadOther(ref reader);
}

/// <summary>JsonObject, JsonArray and JsonValue as the JSON they are.</summary>
internal sealed class JsonNodeCodec<T> : ValueCodec<T>
    where T : JsonNode
{
    public override void Write(ref PythonWriter writer, T value) => ValueCodecs<JsonNode>.Codec.Write(ref writer, value);

    public override T Read(ref PythonReader reader)
    {
        if (reader.Peek() == PythonKind.None)
            return ReadOther(ref reader);
        string pythonType = reader.Describe();
        return ValueCodecs<JsonNode>.Codec.Read(ref reader) as T ?? throw Mismatch(pythonType, "It is other JSON: ask for JsonNode.");
    }
}
