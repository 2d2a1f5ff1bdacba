using System.Collections;
using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Kernmantle.Payloads;

/// <summary>One field of a type, and how to check what it holds.</summary>
internal sealed record GuardedMember(ObjectGuard Guard, Func<object, object?> Get)
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<GuardedMember>> Known = new();

    public static IReadOnlyList<GuardedMember> Of(Type type) => Known.GetOrAdd(type, static t => [.. FieldsOf(t).Select(Create)]);

    private static IEnumerable<FieldInfo> FieldsOf(Type? type) => type is null || type == typeof(object)
        ? []
        : FieldsOf(type.BaseType).Concat(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));

    private static GuardedMember Create(FieldInfo field)
    {
        ParameterExpression target = Expression.Parameter(typeof(object));
        Expression read = Expression.Convert(Expression.Field(Expression.Convert(target, field.DeclaringType!), field), typeof(object));
        return new(ObjectGuard.For(field.FieldType), Expression.Lambda<Func<object, object?>>(read, target).Compile());
    }
}

/// <summary>What a collection type holds.</summary>
internal static class ItemTypes
{
    /// <summary>One type, or two for pairs.</summary>
    public static Type[] Of(Type collection) => collection.IsArray ? [collection.GetElementType()!] : collection.GetGenericArguments();
}

/// <summary>Comparers of collections.</summary>
internal static class Comparers
{
    private static readonly ConcurrentDictionary<Type, Func<object, bool>?> Known = new();

    /// <summary>Whether the collection compares by anything but the default.</summary>
    public static bool HasOwn(IEnumerable collection) => Known.GetOrAdd(collection.GetType(), static t => Create(t))?.Invoke(collection) == true;

    private static Func<object, bool>? Create(Type type)
    {
        if (!type.IsGenericType)
            return null;
        string[] names = ["Comparer", "KeyComparer", "ValueComparer"];
        PropertyInfo[] properties = [.. names.Select(type.GetProperty).OfType<PropertyInfo>()];
        return properties.Length == 0 ? null : value => Array.Exists(properties, p => !IsDefault(p.GetValue(value)));
    }

    private static bool IsDefault(object? comparer)
    {
        if (comparer is null)
            return true;
        Type type = comparer.GetType();
        Type? contract = type.GetInterfaces().FirstOrDefault(static i => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(IEqualityComparer<>) || i.GetGenericTypeDefinition() == typeof(IComparer<>)));
        if (contract is null)
            return false;
        Type holder = contract.GetGenericTypeDefinition() == typeof(IEqualityComparer<>) ? typeof(EqualityComparer<>) : typeof(Comparer<>);
        object? standard = holder.MakeGenericType(contract.GetGenericArguments()).GetProperty("Default")!.GetValue(null);
        return ReferenceEquals(comparer, standard) || comparer.Equals(standard);
    }
}
