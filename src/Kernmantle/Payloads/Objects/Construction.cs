using PolyType.Abstractions;
using PolyType.ReflectionProvider;

namespace Kernmantle.Payloads.Objects;

/// <summary>How the serializer makes an object: asked of the serializer's own model, since a guess would let through what it then loses.</summary>
/// <param name="Parameters">What the constructor takes, by name (letter case does not matter).</param>
/// <param name="Members">The names of the members that it writes.</param>
/// <param name="IsBare">Whether the object exists before any of its members is known, as a cycle needs.</param>
internal sealed record Construction(IReadOnlyDictionary<string, Type> Parameters, IReadOnlySet<string> Members, bool IsBare)
{
    /// <summary>Whether it knows the type as a union and can make each case.</summary>
    public static bool IsUnion(Type type) => ReflectionTypeShapeProvider.Default.GetTypeShape(type) is IUnionTypeShape;

    /// <summary>Null if it cannot make one.</summary>
    public static Construction? Of(Type type)
    {
        if (ReflectionTypeShapeProvider.Default.GetTypeShape(type) is not IObjectTypeShape { Constructor: { } constructor } shape)
            return null;
        return new(
            constructor.Parameters
                .Where(static p => p.Kind == ParameterKind.MethodParameter)
                .DistinctBy(static p => p.Name, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(static p => p.Name, static p => p.ParameterType.Type, StringComparer.OrdinalIgnoreCase),
            shape.Properties.Where(static p => p.HasGetter).Select(static p => p.Name).ToHashSet(StringComparer.Ordinal),
            constructor.Parameters.Count == 0);
    }
}
