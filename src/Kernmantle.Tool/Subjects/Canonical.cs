using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Kernmantle.Tool.Subjects;

/// <summary>Tells whether results of different places are the same: the same text for the same values, whatever the order of sets and dictionaries.</summary>
internal static class Canonical
{
    private const int MaxDepth = 32;

    /// <summary>A short name for all of them.</summary>
    public static string Hash(IEnumerable<object?> results)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (object? result in results)
            hash.AppendData(Encoding.UTF8.GetBytes(Text(result) + "\n"));
        return Convert.ToHexString(hash.GetHashAndReset())[..16];
    }

    public static string Text(object? value, int depth = 0) => value switch
    {
        null => "null",
        _ when depth > MaxDepth => "...",
        string text => $"\"{text}\"",
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        bool or Enum or Uri => value.ToString()!,
        IDictionary dictionary => $"{{{string.Join(',', dictionary.Keys.Cast<object>().Select(key => $"{Text(key, depth + 1)}:{Text(dictionary[key], depth + 1)}").Order(StringComparer.Ordinal))}}}",
        IEnumerable items => Items(items, depth),
        _ => $"{value.GetType().Name}{{{string.Join(',', value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.GetIndexParameters().Length == 0).Select(p => $"{p.Name}:{Text(p.GetValue(value), depth + 1)}"))}{Fields(value, depth)}}}",
    };

    private static string Fields(object value, int depth) =>
        string.Join(',', value.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Select(f => $"{f.Name}:{Text(f.GetValue(value), depth + 1)}"));

    private static string Items(IEnumerable items, int depth)
    {
        IEnumerable<string> texts = items.Cast<object?>().Select(item => Text(item, depth + 1));
        bool unordered = items.GetType().GetInterfaces().Any(static i => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(ISet<>) || i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)));
        return $"[{string.Join(',', unordered ? texts.Order(StringComparer.Ordinal) : texts)}]";
    }
}
