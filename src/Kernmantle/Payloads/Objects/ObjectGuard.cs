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
    private Construction? construction;
    private bool? hidesNothing;

    private ObjectGuard(Type type)
    {
        this.type = type;
        isLeaf = IsLeafType(type);
        isCollection = !isLeaf && typeof(IEnumerable).IsAssignableFrom(type);
        mayBeDerived = type is { IsClass: true, IsSealed: false } && !isLeaf;
    }

    public static ObjectGuard For(Type type) => Known.GetOrAdd(type, static t => new ObjectGuard(t));

    /// <summary>True if an object is reached twice.</summary>
    /// <exception cref="NotPortableException">The value cannot cross whole.</exception>
    public bool Check(object? value)
    {
        if (isLeaf || value is null || HidesNothing)
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
        if (!type.IsValueType && !visit.Enter(value, out bool isCycle))
        {
            if (isCycle && !SurvivesCycles(value))
                throw new NotPortableException($"A cycle of references through {PortableTypes.Name(value.GetType())}", "Pass indices instead of references, or give it a constructor without parameters and members that can be set later.");
            return;
        }
        if (isCollection)
            VisitItems((IEnumerable)value, visit, depth);
        else
            VisitMembers(value, visit, depth);
        if (!type.IsValueType)
            visit.Leave(value);
    }

    /// <summary>Whether one value of the type, by itself, needs no walk.</summary>
    private bool HidesNothing => hidesNothing ??= !mayBeDerived && !isCollection && Members.All(static m => m.Guard.isLeaf);

    private IReadOnlyList<GuardedMember> Members => members ??= GuardedMember.Of(type);

    /// <summary>Whether nothing of a value can be shared, derived or nested.</summary>
    private static bool IsLeafType(Type type) => Bits.IsPortable(type) || KnownTypes.IsPlain(type) || KnownTypes.IsRun(type)
        || (type.IsValueType && GuardedMember.FieldsOf(type).All(static f => IsLeafType(f.FieldType)));

    private bool SurvivesCycles(object value) => !isCollection && (construction ??= Construction.Of(value.GetType())) is { IsBare: true };

    private void VisitMembers(object value, GuardVisit visit, int depth)
    {
        foreach (GuardedMember member in Members)
            member.Guard.Visit(member.Get(value), visit, depth + 1);
    }

    private void VisitItems(IEnumerable items, GuardVisit visit, int depth)
    {
        if (Comparers.HasOwn(items))
            throw new NotPortableException($"A {PortableTypes.Name(items.GetType())} with a comparer of its own", "It would arrive with the default one. Pass its items and build it there.");
        if (type.IsValueType && Members.All(m => m.Get(items) is null))
            throw new NotPortableException($"A default {PortableTypes.Name(type)}", "It has no array to pass. Use its Empty, or a nullable one.");
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
