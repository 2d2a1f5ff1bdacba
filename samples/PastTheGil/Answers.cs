using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PastTheGil;

/// <summary>Tells whether results are the same, whatever they are made of.</summary>
internal static class Answers
{
    /// <summary>The same text for equal results; the order of dictionaries and sets does not matter.</summary>
    public static string Of(object?[] results) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Text(results))))[..16];

    private static string Text(object? value) => value switch
    {
        null => "None",
        string text => $"'{text}'",
        byte[] bytes => Convert.ToHexString(bytes),
        IDictionary dictionary => $"{{{string.Join(',', dictionary.Keys.Cast<object>().Select(key => $"{Text(key)}:{Text(dictionary[key])}").Order(StringComparer.Ordinal))}}}",
        IReadOnlySet<object> or HashSet<object?> => $"({string.Join(',', ((IEnumerable)value).Cast<object?>().Select(Text).Order(StringComparer.Ordinal))})",
        IEnumerable items => $"[{string.Join(',', items.Cast<object?>().Select(Text))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
