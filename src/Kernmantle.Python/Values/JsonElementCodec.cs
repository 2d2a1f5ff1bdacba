using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Kernmantle.Python.Values;

/// <summary>JSON as the Python value that json.loads would make of it; read from values that json.dumps would take, except NaN and infinity.</summary>
internal sealed class JsonElementCodec : ValueCodec<JsonElement>
{
    public override void Write(ref PythonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.EnterDict();
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    writer.WriteString(property.Name);
                    Write(ref writer, property.Value);
                }
                writer.LeaveDict();
                break;
            case JsonValueKind.Array:
                writer.EnterList(value.GetArrayLength());
                foreach (JsonElement item in value.EnumerateArray())
                    Write(ref writer, item);
                writer.Leave();
                break;
            case JsonValueKind.String:
                writer.WriteString(value.GetString());
                break;
            case JsonValueKind.Number:
                WriteNumber(ref writer, value.GetRawText());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBool(value.GetBoolean());
                break;
            default:
                writer.WriteNone();
                break;
        }
    }

    public override JsonElement Read(ref PythonReader reader)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true, MaxDepth = MarshalCode.MaxDepth }))
            Copy(ref reader, json);
        var parser = new Utf8JsonReader(bytes.WrittenSpan, new JsonReaderOptions { MaxDepth = MarshalCode.MaxDepth });
        return JsonElement.ParseValue(ref parser);
    }

    private static void WriteNumber(ref PythonWriter writer, string text)
    {
        if (text.AsSpan().ContainsAny('.', 'e', 'E'))
            writer.WriteFloat(double.Parse(text, CultureInfo.InvariantCulture));
        else
            writer.WriteBig(BigInteger.Parse(text, CultureInfo.InvariantCulture));
    }

    private static void Copy(ref PythonReader reader, Utf8JsonWriter json)
    {
        switch (reader.Peek())
        {
            case PythonKind.None:
                reader.ReadNone();
                json.WriteNullValue();
                break;
            case PythonKind.Bool:
                json.WriteBooleanValue(reader.ReadBool());
                break;
            case PythonKind.Int:
                BigInteger number = BigIntegerCodec.ReadInteger(ref reader);
                if (number.GetBitLength() > BigIntegerCodec.MaxTextBits)
                    throw Mismatch("int", "The number has more digits than JSON text is made of: ask for BigInteger.");
                json.WriteRawValue(number.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case PythonKind.Float:
                double value = reader.ReadFloat();
                if (!double.IsFinite(value))
                    throw Mismatch("float", "JSON has no NaN and no infinity.");
                // A float stays one: 1.0 is not written as 1.
                string text = value.ToString("R", CultureInfo.InvariantCulture);
                json.WriteRawValue(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0", skipInputValidation: true);
                break;
            case PythonKind.Str:
                json.WriteStringValue(Text(reader.ReadString()));
                break;
            case PythonKind.List or PythonKind.Tuple:
                json.WriteStartArray();
                int i = 0;
                try
                {
                    for (int count = reader.EnterItems(); i < count; i++)
                        Copy(ref reader, json);
                }
                catch (PythonValueMismatchException mismatch) when (mismatch.Passes(ValuePath.Index(i)))
                {
                    throw;
                }
                reader.Leave();
                json.WriteEndArray();
                break;
            case PythonKind.Dict:
                CopyDict(ref reader, json);
                break;
            case PythonKind.Record:
                reader.EnterExtension(PythonKind.Record);
                reader.Skip();
                if (reader.Peek() != PythonKind.Dict)
                    throw reader.Unexpected("The fields of a record");
                CopyDict(ref reader, json);
                reader.Leave();
                break;
            default:
                throw Mismatch(ref reader, "JSON has no such value: ask for another type.");
        }
    }

    private static void CopyDict(ref PythonReader reader, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        reader.EnterDict();
        while (reader.NextKey())
        {
            if (reader.Peek() != PythonKind.Str)
                throw Mismatch("dict with keys that are not str", "JSON has none: ask for a dictionary.");
            string key = Text(reader.ReadString());
            json.WritePropertyName(key);
            try
            {
                Copy(ref reader, json);
            }
            catch (PythonValueMismatchException mismatch) when (mismatch.Passes(ValuePath.Key(key)))
            {
                throw;
            }
        }
        reader.Leave();
        json.WriteEndObject();
    }

    private static string Text(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                throw Mismatch("str", "It has a lone surrogate, which JSON text cannot hold: ask for string.");
        }
        return text;
    }
}
