using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kernmantle.Tool.Subjects;

/// <summary>Arguments from text: as they are, parsed, or from JSON.</summary>
internal static class TextValues
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { IncludeFields = true, Converters = { new JsonStringEnumConverter() } };

    private static readonly MethodInfo ParseMethod = typeof(TextValues).GetMethod(nameof(ParseAs), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Whether a word or a line of text can become a value of this type.</summary>
    public static bool CanParse(Type type) => type == typeof(string) || IsFile(type) || type.IsEnum || IsParsable(type);

    /// <summary>Types that a file's path can become.</summary>
    public static bool IsPath(Type type) => type == typeof(string) || IsFile(type);

    /// <exception cref="FormatException">The text is no such value.</exception>
    /// <exception cref="OverflowException">The value is out of the type's range.</exception>
    /// <exception cref="ArgumentException">The enumeration has no such member.</exception>
    public static object Parse(string text, Type type) =>
        type == typeof(string) ? text
        : type == typeof(FileInfo) ? new FileInfo(text)
        : type == typeof(DirectoryInfo) ? new DirectoryInfo(text)
        : type.IsEnum ? Enum.Parse(type, text, ignoreCase: true)
        : ParseMethod.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [text], CultureInfo.InvariantCulture)!;

    /// <exception cref="JsonException">The text is not JSON, or does not fit the type.</exception>
    /// <exception cref="NotSupportedException">The type cannot be made from JSON.</exception>
    public static object? FromJson(string text, Type type) => JsonSerializer.Deserialize(text, type, Json);

    private static bool IsFile(Type type) => type == typeof(FileInfo) || type == typeof(DirectoryInfo);

    private static bool IsParsable(Type type) => type.GetInterfaces().Any(contract =>
        contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IParsable<>) && contract.GetGenericArguments()[0] == type);

    private static T ParseAs<T>(string text)
        where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);
}
