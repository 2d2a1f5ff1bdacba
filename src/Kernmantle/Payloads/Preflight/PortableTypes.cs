using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kernmantle.Payloads;

/// <summary>
/// The allow-list walk over a static type: may every value of it cross whole? A serializer would drop private state, slice
/// derived objects or empty unknown types in silence; here each of those is refused by name, before anything is sent.
/// </summary>
internal static class PortableTypes
{
    private static readonly ConcurrentDictionary<Type, Refusal?> Known = new();

    public static Refusal? Check(Type type) => Known.GetOrAdd(type, static t => Walk(t, []));

    /// <summary>Whether the type belongs to the platform and not to a program.</summary>
    public static bool IsPlatform(Type type) =>
        type.Assembly == typeof(object).Assembly || type.Assembly.GetName().Name is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard" or "mscorlib");

    private static Refusal? Walk(Type type, HashSet<Type> under)
    {
        if (Bits.IsPortable(type) || KnownTypes.IsPlain(type))
            return null;
        if (!under.Add(type))
            return null;   // a type that contains itself: what is to say is said where it began
        try
        {
            return WalkInto(type, under);
        }
        finally
        {
            under.Remove(type);
        }
    }

    private static Refusal? WalkInto(Type type, HashSet<Type> under)
    {
        if (type.IsPointer || type.IsByRef || type.IsByRefLike || type.IsFunctionPointer)
            return new(Name(type), "An address means something else in another process: pass the data.");
        if (type.IsSZArray)
            return Walk(type.GetElementType()!, under)?.Within("[]");
        if (type.IsArray)
            return new(Name(type), "Pass a one-dimensional array and its bounds.");
        if (type.IsGenericType && type.GetGenericTypeDefinition() is { } definition && (definition == typeof(Memory<>) || definition == typeof(ReadOnlyMemory<>) || definition == typeof(ArraySegment<>)))
            return Bits.IsPortable(type.GetGenericArguments()[0]) ? null : new(Name(type), "Pass an array.");
        if (KnownTypes.IsGeneric(type))
        {
            return type.GetGenericArguments()
                .Select(argument => Walk(argument, under)?.Within(Name(type)))
                .FirstOrDefault(static r => r is not null);
        }
        if (IsPlatform(type) || type.IsInterface || type.IsAbstract || typeof(Delegate).IsAssignableFrom(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
            return new(Name(type), type is { IsInterface: false, IsAbstract: true } ? "Declare the concrete type." : KnownTypes.RemedyFor(type));
        return PortableMembers.Check(type, member => Walk(member, under));
    }

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
