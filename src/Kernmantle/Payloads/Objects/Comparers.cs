using System.Collections;
using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Reflection;
using Kernmantle.Payloads.FSharp;

namespace Kernmantle.Payloads.Objects;

/// <summary>Comparers of collections. What arrives has the default one, so that no code of a comparer's type runs unasked.</summary>
internal static class Comparers
{
    private static readonly string[] Names = ["Comparer", "KeyComparer", "ValueComparer"];

    private static readonly ConcurrentDictionary<Type, Telling> Known = new();

    /// <summary>What a type tells of its comparers.</summary>
    /// <param name="IsTold">Whether it does at all.</param>
    /// <param name="From">The comparers, or the collection that it wraps.</param>
    private sealed record Telling(bool IsTold, PropertyInfo[] From);

    /// <summary>Whether the collection compares otherwise than the default does; null if it does not tell.</summary>
    public static bool? HasOwn(IEnumerable collection)
    {
        Telling telling = Known.GetOrAdd(collection.GetType(), TellingOf);
        bool? hasOwn = telling.IsTold ? false : null;
        foreach (PropertyInfo property in telling.From)
        {
            object? value = property.GetValue(collection);
            hasOwn = value is IEnumerable wrapped ? HasOwn(wrapped) : hasOwn | !IsDefault(property.PropertyType, value);
        }
        return hasOwn;
    }

    private static Telling TellingOf(Type type)
    {
        PropertyInfo[] from = Wrapped(type) is { } wrapped ? [wrapped] : [.. Names.Select(type.GetProperty).OfType<PropertyInfo>()];
        return new(from.Length > 0 || FSharpTypes.IsOfCore(type), from);
    }

    /// <summary>What a view looks up in: it has no comparer itself.</summary>
    private static PropertyInfo? Wrapped(Type? type)
    {
        if (type is null)
            return null;
        Type? definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        string? name = definition == typeof(ReadOnlyDictionary<,>) ? "Dictionary" : definition == typeof(ReadOnlySet<>) ? "Set" : null;
        return name is null ? Wrapped(type.BaseType) : type.GetProperty(name, BindingFlags.Instance | BindingFlags.NonPublic);
    }

    private static bool IsDefault(Type contract, object? comparer)
    {
        if (comparer is null)
            return true;
        if (!contract.IsGenericType)
            return false;
        // Compares as the default does, and is what careful people write.
        if (contract == typeof(IEqualityComparer<string>) && ReferenceEquals(comparer, StringComparer.Ordinal))
            return true;
        Type holder = contract.GetGenericTypeDefinition() == typeof(IEqualityComparer<>) ? typeof(EqualityComparer<>) : typeof(Comparer<>);
        return comparer.Equals(holder.MakeGenericType(contract.GetGenericArguments()).GetProperty("Default")!.GetValue(null));
    }
}
