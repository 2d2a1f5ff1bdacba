using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Kernmantle.Tool.Subjects;

/// <summary>
/// A value as text that is the same for equal values, whichever process made them: by value, not by reference; dictionaries and sets without
/// an order, sequences in theirs; objects by their public properties and fields.
/// </summary>
internal static class CanonicalText
{
    private const int MaxDepth = 32;

    public static string Of(object? value)
    {
        StringBuilder text = new();
        Append(text, value, new(ReferenceEqualityComparer.Instance), 0);
        return text.ToString();
    }

    /// <summary>The first 64 bits of the text's SHA-256; never 0.</summary>
    public static ulong Mark(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Math.Max(1, BitConverter.ToUInt64(hash));
    }

    private static void Append(StringBuilder text, object? value, HashSet<object> around, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                return;
            case string s:
                Quote(text, s);
                return;
            case char c:
                Quote(text, c.ToString());
                return;
            case bool b:
                text.Append(b ? "true" : "false");
                return;
            case byte[] bytes:
                text.Append("0x").Append(Convert.ToHexStringLower(bytes));
                return;
            case FileSystemInfo file:
                Quote(text, file.FullName);
                return;
            case Type or MemberInfo or Delegate or Uri or Version:
                Quote(text, value.ToString() ?? "");
                return;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                text.Append(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
                return;
            case Enum:
                text.Append(value);
                return;
            case IFormattable number when value.GetType().IsPrimitive || value is decimal or Half or Int128 or UInt128 or TimeSpan or Guid or System.Numerics.BigInteger or System.Numerics.Complex:
                text.Append(number.ToString(null, CultureInfo.InvariantCulture));
                return;
        }
        if (depth == MaxDepth || (!value.GetType().IsValueType && around.Contains(value)))
        {
            text.Append('…');   // a cycle, or as deep as one
            return;
        }
        bool entered = !value.GetType().IsValueType && around.Add(value);
        Compound(text, value, around, depth + 1);
        if (entered)
            around.Remove(value);
    }

    private static void Compound(StringBuilder text, object value, HashSet<object> around, int depth)
    {
        switch (value)
        {
            case IDictionary dictionary:
                List<string> pairs = [];
                foreach (DictionaryEntry entry in dictionary)
                    pairs.Add($"{Part(entry.Key, around, depth)}: {Part(entry.Value, around, depth)}");
                Join(text, '{', pairs.Order(StringComparer.Ordinal), '}');
                return;
            case IEnumerable items:
                IEnumerable<string> parts = [.. items.Cast<object?>().Select(item => Part(item, around, depth))];
                if (IsUnordered(value.GetType()))
                    Join(text, '{', parts.Order(StringComparer.Ordinal), '}');
                else
                    Join(text, '[', parts, ']');
                return;
        }
        if (value.GetType() is { IsGenericType: true } type && (type.GetGenericTypeDefinition() == typeof(Memory<>) || type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>)))
        {
            Append(text, type.GetMethod("ToArray")!.Invoke(value, null), around, depth);
            return;
        }
        Join(text, '(', Members(value).Select(member => $"{member.Name}: {Part(member.Value, around, depth)}"), ')');
    }

    private static string Part(object? value, HashSet<object> around, int depth)
    {
        StringBuilder text = new();
        Append(text, value, around, depth);
        return text.ToString();
    }

    private static bool IsUnordered(Type type) => type.GetInterfaces().Any(static contract => contract.IsGenericType
        && (contract.GetGenericTypeDefinition() == typeof(ISet<>)
            || contract.GetGenericTypeDefinition() == typeof(IReadOnlySet<>)
            || contract.GetGenericTypeDefinition() == typeof(IDictionary<,>)
            || contract.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)));

    private static IEnumerable<(string Name, object? Value)> Members(object value)
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;
        Type type = value.GetType();
        return type.GetProperties(Public).Where(static property => property.CanRead && property.GetIndexParameters().Length == 0)
            .Select(property => (property.Name, Value: Read(property, value)))
            .Concat(type.GetFields(Public).Select(field => (field.Name, Value: field.GetValue(value))))
            .OrderBy(static member => member.Name, StringComparer.Ordinal);
    }

    private static object? Read(PropertyInfo property, object value)
    {
        try
        {
            return property.GetValue(value, BindingFlags.DoNotWrapExceptions, null, null, CultureInfo.InvariantCulture);
        }
        catch (Exception e)
        {
            return $"throws {e.GetType().Name}";   // then it does so everywhere, or the places differ
        }
    }

    private static void Quote(StringBuilder text, string value) =>
        text.Append('"').Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');

    private static void Join(StringBuilder text, char open, IEnumerable<string> parts, char close) => text.Append(open).AppendJoin(", ", parts).Append(close);
}
