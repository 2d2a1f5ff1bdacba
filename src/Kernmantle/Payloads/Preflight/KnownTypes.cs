using System.Collections.Immutable;
using System.Numerics;
using Kernmantle.Payloads.FSharp;

namespace Kernmantle.Payloads.Preflight;

/// <summary>The platform's types that cross as what they are. Every other type of the platform is refused: many lose their state in silence.</summary>
internal static class KnownTypes
{
    private static readonly HashSet<Type> Generic =
    [
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>), typeof(Tuple<,,,,,,,>),
        typeof(KeyValuePair<,>),
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(SortedDictionary<,>), typeof(SortedSet<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>), typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>),
        typeof(IEnumerable<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>), typeof(ICollection<>), typeof(IList<>), typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>),
    ];

    private const string JsonNodeRemedy = "Pass ToJsonString() and use JsonNode.Parse there.";

    private static readonly Dictionary<Type, string> Remedies = new()
    {
        [typeof(object)] = "Declare the type of what it holds.",
        [typeof(System.Text.StringBuilder)] = "Pass its text.",
        [typeof(System.Globalization.CultureInfo)] = "Pass its Name and look it up there.",
        [typeof(System.Net.IPAddress)] = "Pass its text or GetAddressBytes().",
        [typeof(System.Text.Json.JsonElement)] = "Pass GetRawText() and parse it there.",
        [typeof(System.Text.Json.JsonDocument)] = "Pass RootElement.GetRawText() and parse it there.",
        [typeof(System.Text.Json.Nodes.JsonNode)] = JsonNodeRemedy,
        [typeof(System.Text.Json.Nodes.JsonObject)] = JsonNodeRemedy,
        [typeof(System.Text.Json.Nodes.JsonArray)] = JsonNodeRemedy,
        [typeof(System.Text.Json.Nodes.JsonValue)] = JsonNodeRemedy,
        [typeof(Type)] = "Pass its name, or make the function generic.",
        [typeof(nint)] = "An address or handle means something else in another process: pass the data.",
        [typeof(nuint)] = "An address or handle means something else in another process: pass the data.",
        [typeof(CancellationToken)] = "Pass or capture the token directly: it then stays linked.",
    };

    public static bool IsPlain(Type type) => type == typeof(string) || (!type.IsGenericType && PortableTypes.IsPlatform(type) && PlainTypes.Types.Contains(type));

    public static bool IsGeneric(Type type) => type.IsGenericType && (Generic.Contains(type.GetGenericTypeDefinition()) || FSharpTypes.IsCollection(type));

    /// <summary>By itself: a worker that asks for it seldom does not load what the others name.</summary>
    private static class PlainTypes
    {
        public static readonly HashSet<Type> Types = [typeof(Uri), typeof(Version), typeof(BigInteger)];
    }

    /// <summary>Whether the type is a view of an array.</summary>
    public static bool IsRun(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is { } definition
        && (definition == typeof(Memory<>) || definition == typeof(ReadOnlyMemory<>) || definition == typeof(ArraySegment<>));

    /// <summary>How the parts of an object that the generic arguments stand for are named on a path.</summary>
    public static IEnumerable<string> PartsOf(Type type)
    {
        int count = type.GetGenericArguments().Length;
        if (!typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
            return type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>) ? ["Key", "Value"] : Enumerable.Range(1, count).Select(static n => n == 8 ? "Rest" : $"Item{n}");
        return count == 1 ? ["[]"] : ["Keys.[]", "[]"];
    }

    /// <summary>Memory that both sides use, and objects that both may call.</summary>
    public static bool IsShared(Type type) => IsSharedMemory(type) || Is(type, typeof(Remote<>)) || RemoteCollections.CodecOf(type) is not null;

    /// <summary>Memory that both sides use.</summary>
    public static bool IsSharedMemory(Type type) => typeof(SharedObject).IsAssignableFrom(type) || Is(type, typeof(SharedBuffer<>)) || ChannelSides.CodecOf(type) is not null;

    /// <summary>What to do instead of passing this type.</summary>
    public static string RemedyFor(Type type)
    {
        if (Remedies.TryGetValue(type, out string? remedy))
            return remedy;
        if (typeof(Delegate).IsAssignableFrom(type) || FSharpTypes.IsFunction(type))
            return "A function cannot travel inside data: name the method in the lambda that is called.";
        if (FSharpTypes.IsAsync(type))
            return "Run it in the function, with Async.StartAsTask, and pass the result.";
        if (typeof(Stream).IsAssignableFrom(type))
            return "Pass a file name and open it there, or pass the bytes.";
        if (typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask) || Is(type, typeof(ValueTask<>)))
            return "Await it here and pass the result.";
        if (typeof(System.Runtime.InteropServices.SafeHandle).IsAssignableFrom(type))
            return "A handle means something else in another process: open it there.";
        if (Is(type, typeof(IAsyncEnumerable<>)))
            return "Pass a list; a function's own stream comes back through StreamAsync.";
        if (Is(type, typeof(IProgress<>)) || Is(type, typeof(Progress<>)))
            return "Pass or capture it directly, declared as IProgress<T>: reports then come back to it.";
        if (typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
            return "Pass an array, List, Dictionary or HashSet of portable items.";
        if (type.IsInterface || type.IsAbstract)
            return "Declare the concrete type.";
        return "Pass the data it is made from, as a record, and make it again there.";
    }

    private static bool Is(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
