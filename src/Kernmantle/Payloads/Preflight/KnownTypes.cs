using System.Collections.Immutable;
using System.Numerics;

namespace Kernmantle.Payloads;

/// <summary>The platform's types that cross as what they are. Every other type of the platform is refused: many lose their state in silence.</summary>
internal static class KnownTypes
{
    private static readonly HashSet<Type> Plain = [typeof(string), typeof(Uri), typeof(Version), typeof(BigInteger)];

    private static readonly HashSet<Type> Generic =
    [
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>), typeof(Tuple<,,,,,,,>),
        typeof(KeyValuePair<,>), typeof(Nullable<>),
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(SortedDictionary<,>), typeof(SortedSet<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>), typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>),
        typeof(IEnumerable<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>), typeof(ICollection<>), typeof(IList<>), typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>),
    ];

    private static readonly Dictionary<Type, string> Remedies = new()
    {
        [typeof(object)] = "Declare the type of what it holds.",
        [typeof(System.Text.StringBuilder)] = "Pass its text.",
        [typeof(System.Globalization.CultureInfo)] = "Pass its Name and look it up there.",
        [typeof(System.Net.IPAddress)] = "Pass its text or GetAddressBytes().",
        [typeof(System.Text.Json.JsonElement)] = "Pass GetRawText() and parse it there.",
        [typeof(Type)] = "Pass its name, or make the function generic.",
        [typeof(nint)] = "An address or handle means something else in another process: pass the data.",
        [typeof(nuint)] = "An address or handle means something else in another process: pass the data.",
        [typeof(CancellationToken)] = "Pass or capture the token directly: it then stays linked.",
    };

    public static bool IsPlain(Type type) => Plain.Contains(type);

    public static bool IsGeneric(Type type) => type.IsGenericType && Generic.Contains(type.GetGenericTypeDefinition());

    /// <summary>What to do instead of passing this type.</summary>
    public static string RemedyFor(Type type)
    {
        if (Remedies.TryGetValue(type, out string? remedy))
            return remedy;
        if (typeof(Delegate).IsAssignableFrom(type))
            return "A function cannot travel inside data: name the method in the lambda that is called.";
        if (typeof(Stream).IsAssignableFrom(type))
            return "Pass a file name and open it there, or pass the bytes.";
        if (typeof(Task).IsAssignableFrom(type))
            return "Await it here and pass the result.";
        if (typeof(System.Runtime.InteropServices.SafeHandle).IsAssignableFrom(type))
            return "A handle means something else in another process: open it there.";
        if (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IProgress<>) || type.GetGenericTypeDefinition() == typeof(Progress<>)))
            return "Pass or capture it directly, declared as IProgress<T>: reports then come back to it.";
        if (typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
            return "Pass an array, List, Dictionary or HashSet of portable items.";
        return "Pass the data it is made from, as a record, and make it again there.";
    }
}
