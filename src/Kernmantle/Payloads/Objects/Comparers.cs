using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace Kernmantle.Payloads.Objects;

/// <summary>Comparers of collections. What arrives has the default one, so that no code of a comparer's type runs unasked.</summary>
internal static class Comparers
{
    private static readonly string[] Names = ["Comparer", "KeyComparer", "ValueComparer"];

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    /// <summary>Whether the collection compares otherwise than the default does.</summary>
    public static bool HasOwn(IEnumerable collection) =>
        Array.Exists(Known.GetOrAdd(collection.GetType(), static t => [.. Names.Select(t.GetProperty).OfType<PropertyInfo>()]), p => !IsDefault(p.PropertyType, p.GetValue(collection)));

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
