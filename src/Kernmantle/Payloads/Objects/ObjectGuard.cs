using System.Collections;
using System.Collections.Concurrent;

namespace Kernmantle.Payloads;

/// <summary>
/// Checks a value for what its static type cannot tell: objects of a derived type (they would arrive as their base), collections with a
/// comparer of their own, nesting that is too deep. Tells whether an object is reached twice. Types that cannot have any of
/// these are not looked into.
/// </summary>
internal sealed class ObjectGuard
{
    /// <summary>How deep a value may nest.</summary>
    public const int MaxDepth = 500;

    private static readonly ConcurrentDictionary<Type, ObjectGuard> Known = new();

    private readonly Type type;
    private readonly bool isLeaf;
    private readonly bool mayBeDerived;
    private readonly bool isCollection;
    private IReadOnlyList<GuardedMember>? members;

    private ObjectGuard(Type type)
    {
        this.type = type;
        isLeaf = Bits.IsPortable(type) || KnownTypes.IsPlain(type);
        isCollection = !isLeaf && typeof(IEnumerable).IsAssignableFrom(type);
        mayBeDerived = type is { IsClass: true, IsSealed: false } && !isLeaf;
    }

    public static ObjectGuard For(Type type) => Known.GetOrAdd(type, static t => new ObjectGuard(t));

    /// <summary>True if an object is reached twice.</summary>
    /// <exception cref="NotPortableException">The value cannot cross whole.</exception>
    public bool Check(object? value)
    {
        if (isLeaf || value is null)
            return false;
        var visit = new GuardVisit();
        Visit(value, visit, 0);
        return visit.Shared;
    }

    internal void Visit(object? value, GuardVisit visit, int depth)
    {
        if (isLeaf || value is null)
            return;
        if (depth > MaxDepth)
            throw new NotPortableException($"A value of {PortableTypes.Name(type)} nested deeper than {MaxDepth}", "Pass a flat list, with indices instead of references.");
        if (mayBeDerived && value.GetType() != type)
            throw new NotPortableException($"An object of {PortableTypes.Name(value.GetType())} declared as {PortableTypes.Name(type)}", "It would arrive as its base. Declare the type it has, or pass one field for each kind.");
        if (!type.IsValueType && !visit.Enter(value))
            return;
        if (isCollection)
            VisitItems((IEnumerable)value, visit, depth);
        else
        {
            foreach (GuardedMember member in members ??= GuardedMember.Of(type))
                member.Guard.Visit(member.Get(value), visit, depth + 1);
        }
    }

    private void VisitItems(IEnumerable items, GuardVisit visit, int depth)
    {
        if (Comparers.HasOwn(items))
            throw new NotPortableException($"A {PortableTypes.Name(items.GetType())} with a comparer of its own", "It would arrive with the default one. Pass its items and build it there.");
        Type[] parts = ItemTypes.Of(type);
        ObjectGuard[] guards = [.. parts.Select(For)];
        if (Array.TrueForAll(guards, static g => g.isLeaf))
            return;
        foreach (object? item in items)
        {
            if (guards.Length == 1)
                guards[0].Visit(item, visit, depth + 1);
            else
                VisitPair(item!, guards, visit, depth + 1);
        }
    }

    private static void VisitPair(object pair, ObjectGuard[] guards, GuardVisit visit, int depth)
    {
        IReadOnlyList<GuardedMember> members = GuardedMember.Of(pair.GetType());
        for (int i = 0; i < guards.Length; i++)
            guards[i].Visit(members[i].Get(pair), visit, depth);
    }
}

/// <summary>The objects met so far on one walk.</summary>
internal sealed class GuardVisit
{
    private readonly HashSet<object> met = new(ReferenceEqualityComparer.Instance);

    public bool Shared { get; private set; }

    /// <summary>False if the object was met before.</summary>
    public bool Enter(object value)
    {
        if (met.Add(value))
            return true;
        Shared = true;
        return false;
    }
}
