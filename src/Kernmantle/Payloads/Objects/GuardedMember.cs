using System.Collections.Concurrent;
using System.Reflection;

namespace Kernmantle.Payloads.Objects;

/// <summary>One field of a type, and how to check what it holds.</summary>
internal sealed record GuardedMember(ObjectGuard Guard, Func<object, object?> Get)
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<GuardedMember>> Known = new();

    public static IReadOnlyList<GuardedMember> Of(Type type) => Known.GetOrAdd(type, static t => [.. FieldsOf(t).Select(Create)]);

    public static IEnumerable<FieldInfo> FieldsOf(Type? type) => type is null || type == typeof(object)
        ? []
        : FieldsOf(type.BaseType).Concat(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));

    private static GuardedMember Create(FieldInfo field) => new(ObjectGuard.For(field.FieldType), field.GetValue);
}

/// <summary>What a collection type holds.</summary>
internal static class ItemTypes
{
    /// <summary>One type, or two for pairs.</summary>
    public static Type[] Of(Type collection) => collection.IsArray ? [collection.GetElementType()!] : collection.GetGenericArguments();
}
