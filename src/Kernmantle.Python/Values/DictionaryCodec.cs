namespace Kernmantle.Python.Values;

/// <summary>A dictionary as dict, in its order; the fields of a dataclass or namedtuple can be read as one too.</summary>
internal sealed class DictionaryCodec<T, TKey, TValue>(Func<Dictionary<TKey, TValue>, T>? make) : ValueCodec<T>
    where TKey : notnull
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
        ValueCodec<TKey> keys = ValueCodecs<TKey>.Codec;
        ValueCodec<TValue> values = ValueCodecs<TValue>.Codec;
        writer.EnterDict();
        TKey? key = default;
        try
        {
            foreach (KeyValuePair<TKey, TValue> pair in ((IEnumerable<KeyValuePair<TKey, TValue>>)value).ToArray())
            {
                key = pair.Key;
                writer.EnterKey();
                keys.Write(ref writer, pair.Key);
                writer.LeaveKey();
                values.Write(ref writer, pair.Value);
            }
        }
        catch (RefusedValueException refused) when (refused.Passes(ValuePath.Key(key)))
        {
            throw;
        }
        writer.LeaveDict();
    }

    public override T Read(ref PythonReader reader)
    {
        switch (reader.Peek())
        {
            case PythonKind.Dict when make is not null:
                return Made(make, ReadPairs(ref reader), "dict");
            case PythonKind.Record when make is not null:
                reader.EnterExtension(PythonKind.Record);
                reader.Skip();
                T fields = Made(make, ReadPairs(ref reader), "record");
                reader.Leave();
                return fields;
            default:
                return ReadOther(ref reader);
        }
    }

    private static Dictionary<TKey, TValue> ReadPairs(ref PythonReader reader)
    {
        ValueCodec<TKey> keys = ValueCodecs<TKey>.Codec;
        ValueCodec<TValue> values = ValueCodecs<TValue>.Codec;
        Dictionary<TKey, TValue> pairs = [];
        reader.EnterDict();
        TKey? key = default;
        bool atKey = true;
        try
        {
            for (; reader.NextKey(); atKey = true)
            {
                key = keys.Read(ref reader);
                if (key is null)
                    throw Mismatch("dict with the key None", "A C# dictionary has no null key: use another one.");
                atKey = false;
                pairs[key] = values.Read(ref reader);
            }
        }
        catch (PythonValueMismatchException mismatch) when (mismatch.Passes(atKey ? ".keys()" : ValuePath.Key(key)))
        {
            throw;
        }
        reader.Leave();
        return pairs;
    }
}
