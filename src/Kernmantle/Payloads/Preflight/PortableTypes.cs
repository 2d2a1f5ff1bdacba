using System.Collections;
using System.Collections.Concurrent;
using Kernmantle.Payloads.FSharp;

namespace Kernmantle.Payloads.Preflight;

/// <summary>
/// The allow-list walk over a static type: may every value of it cross whole? A serializer would drop private state, slice
/// derived objects or empty unknown types in silence; here each of those is refused by name, before anything is sent.
/// </summary>
internal static class PortableTypes
{
    private static readonly ConcurrentDictionary<Type, Refusal?> Known = new(), KnownItems = new();

    /// <summary>Why values of the type cannot cross, as a path that begins at its name; null if they can.</summary>
    public static Refusal? Check(Type type) => Known.GetOrAdd(type, static t => Named(t, Walk(t, new(mayShare: false))));

    /// <summary>The same of items of a channel, which may hold shared memory.</summary>
    public static Refusal? CheckItem(Type type) => KnownItems.GetOrAdd(type, static t => Named(t, Walk(t, new(mayShare: true))));

    private static Refusal? Named(Type type, Refusal? refusal) => refusal is null or { Path: "" } ? refusal : refusal.Within(Name(type));

    /// <summary>The types that are looked into.</summary>
    private sealed class Under(bool mayShare) : HashSet<Type>
    {
        public bool MayShare => mayShare;
    }

    /// <summary>Whether the type belongs to the platform and not to a program.</summary>
    public static bool IsPlatform(Type type) =>
        type.Assembly == typeof(object).Assembly || type.Assembly.GetName().Name is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard" or "mscorlib");

    private static Refusal? Walk(Type type, Under under)
    {
        if (Bits.IsPortable(type) || KnownTypes.IsPlain(type) || FSharpTypes.IsUnit(type))
            return null;
        if (!under.Add(type))
            return null;   // a type that contains itself is reported where the walk began
        try
        {
            return WalkInto(type, under);
        }
        finally
        {
            under.Remove(type);
        }
    }

    private static Refusal? WalkInto(Type type, Under under)
    {
        if (type.IsPointer || type.IsByRef || type.IsByRefLike || type.IsFunctionPointer)
            return new(Name(type), "An address means something else in another process: pass the data.");
        if (type.IsSZArray)
            return Walk(type.GetElementType()!, under)?.Within("[]");
        if (type.IsArray)
            return new(Name(type), "Pass a one-dimensional array and its bounds.");
        if (under.MayShare && KnownTypes.IsSharedMemory(type))
            return WalkShared(type, under);
        if (KnownTypes.IsShared(type))
            return new(Name(type), "Inside of another value it cannot: pass it as an argument of its own, or capture it.");
        if (KnownTypes.IsRun(type))
            return Bits.MayRun(type.GetGenericArguments()[0]) ? null : new(Name(type), "Pass an array.");
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Walk(underlying, under);
        if (KnownTypes.IsGeneric(type))
        {
            return type.GetGenericArguments().Zip(KnownTypes.PartsOf(type))
                .Select(part => Walk(part.First, under)?.Within(part.Second))
                .FirstOrDefault(static r => r is not null);
        }
        if (FSharpTypes.IsOption(type))
        {
            Type content = type.GetGenericArguments()[0];
            return FSharpTypes.IsOption(content) || Nullable.GetUnderlyingType(content) is not null
                ? new(Name(type), "Some of nothing would arrive as nothing. Declare a union with a case for each.")
                : Walk(content, under)?.Within("Value");
        }
        if (FSharpTypes.IsUnion(type))
            return PortableMembers.CheckUnion(type, member => Walk(member, under));
        if (FSharpTypes.IsAsync(type) || FSharpTypes.IsFunction(type))
            return new(Name(type), KnownTypes.RemedyFor(type));
        if (IsPlatform(type) || type.IsInterface || type.IsAbstract || typeof(Delegate).IsAssignableFrom(type) || typeof(IEnumerable).IsAssignableFrom(type))
            return new(Name(type), KnownTypes.RemedyFor(type));
        return PortableMembers.Check(type, member => Walk(member, under));
    }

    /// <summary>A channel's side says what its items are; an object is known by its very type.</summary>
    private static Refusal? WalkShared(Type type, Under under) => ChannelSides.CodecOf(type) is not null ? Walk(type.GetGenericArguments()[0], under)?.Within("[]")
        : Codecs.IsShared(type) ? null
        : new(Name(type), "Declare the type it has.");

    /// <summary>A name as one writes it.</summary>
    public static string Name(Type type)
    {
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (!type.IsGenericType)
            return type.Name;
        string name = type.Name.Split('`')[0];
        return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
