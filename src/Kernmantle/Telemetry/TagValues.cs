using System.Globalization;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Telemetry;

/// <summary>Attributes of a span: of the types that OpenTelemetry has; others cross as their text.</summary>
internal static class TagValues
{
    /// <summary>Longer texts are cut, in characters.</summary>
    private const int MostText = 16 << 10;

    /// <summary>Longer lists are cut.</summary>
    private const int MostItems = 128;

    private const byte Nothing = 0, Text = 1, Flag = 2, Integer = 3, Real = 4, Array = 8;   // with the type of its items

    public static string Cut(string text) => text.Length > MostText ? text[..MostText] : text;

    /// <summary>As many as there is room for, with values that can cross. Looks at objects of the user's.</summary>
    public static KeyValuePair<string, object?>[] Take(IEnumerable<KeyValuePair<string, object?>> tags, int most, ref int left)
    {
        var taken = new List<KeyValuePair<string, object?>>();
        foreach ((string key, object? value) in tags)
        {
            if (taken.Count == most || left <= 0)
                break;
            object? crossing = Crossing(value);
            left -= key.Length + Weight(crossing);
            taken.Add(new(Cut(key), crossing));
        }
        return [.. taken];
    }

    public static void Write(ref PayloadWriter writer, KeyValuePair<string, object?>[] tags)
    {
        writer.WriteInt32(tags.Length);
        foreach ((string key, object? value) in tags)
        {
            writer.WriteString(key);
            if (value is System.Array items)
            {
                writer.WriteByte((byte)(Array | CodeOf(items.GetType().GetElementType()!)));
                writer.WriteInt32(items.Length);
                foreach (object item in items)
                    WriteOne(ref writer, item);
            }
            else
            {
                writer.WriteByte(value is null ? Nothing : CodeOf(value.GetType()));
                WriteOne(ref writer, value);
            }
        }
    }

    /// <exception cref="InvalidPayloadException">No worker writes this.</exception>
    public static KeyValuePair<string, object?>[] Read(ref PayloadReader reader, int most)
    {
        var tags = new KeyValuePair<string, object?>[ReadCount(ref reader, most)];
        for (int i = 0; i < tags.Length; i++)
        {
            string key = reader.ReadString() ?? "";
            byte code = reader.ReadByte();
            tags[i] = new(key, (code & Array) == 0 ? ReadOne(ref reader, code) : (code & ~Array) switch
            {
                Text => ReadArray<string>(ref reader, Text),
                Flag => ReadArray<bool>(ref reader, Flag),
                Integer => ReadArray<long>(ref reader, Integer),
                Real => ReadArray<double>(ref reader, Real),
                _ => throw new InvalidPayloadException($"An attribute of type {code}."),
            });
        }
        return tags;
    }

    public static int ReadCount(ref PayloadReader reader, int most)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= most ? count : throw new InvalidPayloadException($"A count of {count}; at most {most} are allowed.");
    }

    private static object? Crossing(object? value) => value switch
    {
        null or bool or long or double => value,
        string text => Cut(text),
        byte or sbyte or short or ushort or int or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        float single => (double)single,
        bool[] or long[] or double[] when HasItsOwnItems(value) => CutItems((System.Array)value),
        string?[] texts => texts.Take(MostItems).Select(static t => Cut(t ?? "")).ToArray(),
        int[] numbers when HasItsOwnItems(numbers) => numbers.Take(MostItems).Select(static n => (long)n).ToArray(),
        _ => Cut(TextOf(value)),
    };

    /// <summary>To the runtime arrays of unsigned numbers, and of enums, are arrays of the signed ones too; their items are not.</summary>
    private static bool HasItsOwnItems(object array) =>
        array.GetType().GetElementType() is { IsEnum: false } item && (item == typeof(bool) || item == typeof(int) || item == typeof(long) || item == typeof(double));

    private static string TextOf(object value)
    {
        try
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }
        catch (Exception e)
        {
            return $"({value.GetType()}, whose text cannot be had: {e.GetType()})";
        }
    }

    private static System.Array CutItems(System.Array items)
    {
        if (items.Length <= MostItems)
            return items;
        var cut = System.Array.CreateInstance(items.GetType().GetElementType()!, MostItems);
        System.Array.Copy(items, cut, MostItems);
        return cut;
    }

    private static int Weight(object? value) => value switch
    {
        string text => text.Length,
        string[] texts => texts.Sum(static t => t.Length),
        System.Array items => sizeof(long) * items.Length,
        _ => sizeof(long),
    };

    private static byte CodeOf(Type type) =>
        type == typeof(string) ? Text : type == typeof(bool) ? Flag : type == typeof(long) ? Integer : Real;

    private static void WriteOne(ref PayloadWriter writer, object? value)
    {
        if (value is string text)
            writer.WriteString(text);
        else if (value is bool flag)
            writer.WriteByte(flag ? (byte)1 : (byte)0);
        else if (value is long integer)
            writer.WriteInt64(integer);
        else if (value is double real)
            writer.WriteInt64(BitConverter.DoubleToInt64Bits(real));
    }

    private static object? ReadOne(ref PayloadReader reader, byte code) => code switch
    {
        Nothing => null,
        Text => reader.ReadString() ?? "",
        Flag => reader.ReadByte() != 0,
        Integer => reader.ReadInt64(),
        Real => BitConverter.Int64BitsToDouble(reader.ReadInt64()),
        _ => throw new InvalidPayloadException($"An attribute of type {code}."),
    };

    private static T[] ReadArray<T>(ref PayloadReader reader, byte code)
    {
        var items = new T[ReadCount(ref reader, MostItems)];
        for (int i = 0; i < items.Length; i++)
            items[i] = (T)ReadOne(ref reader, code)!;
        return items;
    }
}
