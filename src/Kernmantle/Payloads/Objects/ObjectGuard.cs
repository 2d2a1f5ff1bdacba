using System.Collections;
using System.Collections.Concurrent;
using Kernmantle.Payloads.FSharp;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Payloads.Objects;

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

    private static readonly Type[] CollectionTypes = [typeof(ICollection<>), typeof(IReadOnlyCollection<>)];

    private readonly Type type;
    private readonly bool isLeaf;

    /// <summary>An array of bits: it holds nothing, but may be reached twice.</summary>
    private readonly bool isRun;
    private readonly bool mayBeDerived;
    private readonly bool isCollection;

    /// <summary>Of a sequence: what has its items already.</summary>
    private readonly Type[]? collections;
    private readonly bool isUnion;
    private readonly bool mayHoldNull;
    private IReadOnlyList<GuardedMember>? members;
    private Construction? construction;
    private bool? hidesNothing;

    private ObjectGuard(Type type)
    {
        this.type = type;
        isLeaf = IsLeafType(type);
        isRun = type.IsSZArray && Bits.IsPortable(type.GetElementType()!);
        isCollection = !isLeaf && typeof(IEnumerable).IsAssignableFrom(type);
        collections = IsSequence(type) ? [.. CollectionTypes.Select(c => c.MakeGenericType(type.GetGenericArguments()))] : null;
        isUnion = !isLeaf && FSharpTypes.IsUnion(type);
        mayHoldNull = !isLeaf && FSharpTypes.IsOption(type) && !type.GetGenericArguments()[0].IsValueType;
        mayBeDerived = type is { IsClass: true, IsSealed: false } && !isLeaf && !isUnion;   // nobody else can derive from a union
    }

    /// <summary>Behind it may stand what makes its items while it is enumerated. Behind the other interfaces there is a collection.</summary>
    public static bool IsSequence(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>);

    /// <summary>A nullable that is there comes as what it holds, which boxing makes of it.</summary>
    public static ObjectGuard For(Type type) => Known.GetOrAdd(Nullable.GetUnderlyingType(type) ?? type, static t => new ObjectGuard(t));

    /// <summary>True if an object is reached twice.</summary>
    /// <exception cref="NotPortableException">The value cannot cross whole.</exception>
    public bool Check(object? value) => Check(value, out _);

    /// <summary>The same, with the items of each sequence that was enumerated for it and must not be once more.</summary>
    public bool Check(object? value, out IReadOnlyDictionary<object, object?[]>? copies)
    {
        copies = null;
        if (isLeaf || value is null || HidesNothing)
            return false;
        GuardVisit visit = GuardVisit.Begin();
        Visit(value, visit, 0);
        return visit.End(out copies);
    }

    internal void Visit(object? value, GuardVisit visit, int depth)
    {
        if (isLeaf || value is null)
            return;
        if (depth > MaxDepth)
            throw new NotPortableException($"A value of {PortableTypes.Name(type)} nested deeper than {MaxDepth}", "Pass a flat list, with indices instead of references.");
        if (mayBeDerived && value.GetType() != type)
            throw new NotPortableException($"An object of {PortableTypes.Name(value.GetType())} declared as {PortableTypes.Name(type)}", "It would arrive as its base. Declare the type it has, or pass one field for each kind.");
        IReadOnlyList<GuardedMember> members = isCollection ? [] : isUnion ? GuardedMember.Of(value.GetType()) : Members;
        if (mayHoldNull && HoldsNull(members, value))
            throw new NotPortableException($"Some null as {PortableTypes.Name(type)}", "It would arrive as None. Pass None, or declare a union with a case for it.");
        // A case without fields is one object for all, and one whose fields are plain never changes: which of them are one object is not kept.
        if (isUnion && members.All(static m => m.Guard.isLeaf))
            return;
        if (!type.IsValueType && !visit.Enter(value, out bool isCycle))
        {
            if (isCycle && !SurvivesCycles(value))
                throw new NotPortableException($"A cycle of references through {PortableTypes.Name(value.GetType())}", "Pass indices instead of references, or give it a constructor without parameters and members that can be set later, none of them required or init.");
            return;
        }
        if (isCollection)
            VisitItems((IEnumerable)value, visit, depth);
        else
            VisitMembers(members, value, visit, depth);
        if (!type.IsValueType)
            visit.Leave(value);
    }

    /// <summary>Whether one value of the type, by itself, needs no walk.</summary>
    private bool HidesNothing => hidesNothing ??= !mayBeDerived && !mayHoldNull && !isCollection && (isUnion ? FSharpTypes.CaseFieldsOf(type).All(static c => For(c.Field.FieldType).isLeaf) : HoldsOneRunAtMost(Members));

    /// <summary>Beside leaves an array of bits, which nothing else can share with it.</summary>
    private static bool HoldsOneRunAtMost(IReadOnlyList<GuardedMember> members)
    {
        int runs = 0;
        foreach (GuardedMember member in members)
        {
            if (!member.Guard.isLeaf && !(member.Guard.isRun && ++runs == 1))
                return false;
        }
        return true;
    }

    private IReadOnlyList<GuardedMember> Members => members ??= GuardedMember.Of(type);

    /// <summary>Whether nothing of a value can be shared, derived or nested.</summary>
    private static bool IsLeafType(Type type) => Bits.IsPortable(type) || KnownTypes.IsPlain(type) || FSharpTypes.IsUnit(type) || KnownTypes.IsRun(type) || KnownTypes.IsSharedMemory(type)
        || (type.IsValueType && !FSharpTypes.IsOption(type) && GuardedMember.FieldsOf(type).All(static f => IsLeafType(f.FieldType)));

    private bool SurvivesCycles(object value) => !isCollection && (construction ??= Construction.Of(value.GetType())) is { IsBare: true };

    /// <summary>Whether an option is some and holds null. The class has one field, and none is null itself; the struct has the number of its case beside it.</summary>
    private static bool HoldsNull(IReadOnlyList<GuardedMember> members, object option)
    {
        object?[] fields = [.. members.Select(m => m.Get(option))];
        return Array.Exists(fields, static f => f is null) && (fields.Length == 1 || Array.Exists(fields, static f => f is int and not 0));
    }

    private static void VisitMembers(IReadOnlyList<GuardedMember> members, object value, GuardVisit visit, int depth)
    {
        foreach (GuardedMember member in members)
            member.Guard.Visit(member.Get(value), visit, depth + 1);
    }

    private void VisitItems(IEnumerable items, GuardVisit visit, int depth)
    {
        Type[] parts = ItemTypes.Of(type);
        bool isMap = type.IsInterface && parts.Length == 2;   // what stands behind one may look up by any rule
        bool? hasOwn = Comparers.HasOwn(items);
        if (hasOwn ?? isMap)
            throw new NotPortableException($"A {PortableTypes.Name(items.GetType())} {(hasOwn is null ? "that does not tell its comparer" : "with a comparer of its own")}", "It would arrive with the default one. Pass its items and build it there.");
        if (type.IsValueType && Members.All(m => m.Get(items) is null))
            throw new NotPortableException($"A default {PortableTypes.Name(type)}", "It has no array to pass. Use its Empty, or a nullable one.");
        ObjectGuard[] guards = [.. parts.Select(For)];
        if (Array.TrueForAll(guards, static g => g.isLeaf))
            return;
        foreach (object? item in MakesItems(items) ? visit.Copy(items) : items)
        {
            if (guards.Length == 1)
                guards[0].Visit(item, visit, depth + 1);
            else
                VisitPair(item!, guards, visit, depth + 1);
        }
    }

    private bool MakesItems(IEnumerable items) => collections is not null && !Array.Exists(collections, c => c.IsInstanceOfType(items));

    private static void VisitPair(object pair, ObjectGuard[] guards, GuardVisit visit, int depth)
    {
        IReadOnlyList<GuardedMember> members = GuardedMember.Of(pair.GetType());
        for (int i = 0; i < guards.Length; i++)
            guards[i].Visit(members[i].Get(pair), visit, depth);
    }
}
