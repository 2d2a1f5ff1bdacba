using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;

namespace Kernmantle.Python.Values;

/// <summary>The codecs of collections: by the interfaces they have, and made by what their type offers for it.</summary>
internal static class CollectionCodecs
{
    /// <summary>Null if the type is no collection.</summary>
    public static ValueCodec? TryCreate(Type type)
    {
        if (!type.IsAssignableTo(typeof(IEnumerable)))
            return null;
        if ((Find(type, typeof(IDictionary<,>)) ?? Find(type, typeof(IReadOnlyDictionary<,>))) is { } dictionary)
            return Generic(nameof(Dictionary), [type, .. dictionary.GetGenericArguments()]);
        if ((Find(type, typeof(ISet<>)) ?? Find(type, typeof(IReadOnlySet<>)) ?? Find(type, typeof(IImmutableSet<>))) is { } set)
            return Generic(nameof(Set), [type, set.GetGenericArguments()[0]]);
        if (Find(type, typeof(IEnumerable<>)) is { } sequence)
            return Generic(nameof(Sequence), [type, sequence.GetGenericArguments()[0]]);
        return type.IsAssignableTo(typeof(IDictionary)) ? ValueCodecs.New(typeof(UntypedDictionaryCodec<>), [type]) : ValueCodecs.New(typeof(UntypedSequenceCodec<>), [type]);
    }

    private static SequenceCodec<T, TItem> Sequence<T, TItem>() => new(Make<T, TItem>());

    private static SetCodec<T, TItem> Set<T, TItem>() => new(MakeSet<T, TItem>());

    private static DictionaryCodec<T, TKey, TValue> Dictionary<T, TKey, TValue>()
        where TKey : notnull => new(MakeDictionary<T, TKey, TValue>());

    private static Func<TItem[], T>? Make<T, TItem>()
    {
        if (typeof(T).IsAssignableFrom(typeof(List<TItem>)))
            return static items => (T)(object)new List<TItem>(items);
        if (typeof(T) == typeof(ImmutableArray<TItem>))
            return static items => (T)(object)System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(items);
        if (typeof(T).IsAssignableFrom(typeof(ImmutableList<TItem>)))
            return static items => (T)(object)ImmutableList.Create(items);
        if (typeof(T).IsAssignableFrom(typeof(ImmutableQueue<TItem>)))
            return static items => (T)(object)ImmutableQueue.Create(items);
        // Stacks are enumerated from their top.
        if (typeof(T).IsAssignableFrom(typeof(ImmutableStack<TItem>)))
            return static items => (T)(object)ImmutableStack.CreateRange(items.AsEnumerable().Reverse());
        if (typeof(T) == typeof(Stack<TItem>))
            return static items => (T)(object)new Stack<TItem>(items.AsEnumerable().Reverse());
        if (typeof(T) == typeof(Collection<TItem>))
            return static items => (T)(object)new Collection<TItem>(new List<TItem>(items));
        return ByConstructor<T, TItem[]>(typeof(IEnumerable<TItem>)) ?? ByConstructor<T, TItem[]>(typeof(IList<TItem>));
    }

    private static Func<TItem[], T>? MakeSet<T, TItem>()
    {
        if (typeof(T).IsAssignableFrom(typeof(HashSet<TItem>)))
            return static items => (T)(object)new HashSet<TItem>(items);
        if (typeof(T).IsAssignableFrom(typeof(ImmutableHashSet<TItem>)))
            return static items => (T)(object)ImmutableHashSet.Create(items);
        if (typeof(T) == typeof(ImmutableSortedSet<TItem>))
            return static items => (T)(object)ImmutableSortedSet.Create(items);
        if (typeof(T) == typeof(FrozenSet<TItem>))
            return static items => (T)(object)items.ToFrozenSet();
        return ByConstructor<T, TItem[]>(typeof(IEnumerable<TItem>));
    }

    private static Func<Dictionary<TKey, TValue>, T>? MakeDictionary<T, TKey, TValue>()
        where TKey : notnull
    {
        if (typeof(T).IsAssignableFrom(typeof(Dictionary<TKey, TValue>)))
            return static pairs => (T)(object)pairs;
        if (typeof(T).IsAssignableFrom(typeof(ImmutableDictionary<TKey, TValue>)))
            return static pairs => (T)(object)pairs.ToImmutableDictionary();
        if (typeof(T) == typeof(ImmutableSortedDictionary<TKey, TValue>))
            return static pairs => (T)(object)pairs.ToImmutableSortedDictionary();
        if (typeof(T) == typeof(FrozenDictionary<TKey, TValue>))
            return static pairs => (T)(object)pairs.ToFrozenDictionary();
        return ByConstructor<T, Dictionary<TKey, TValue>>(typeof(IDictionary<TKey, TValue>))
            ?? ByConstructor<T, Dictionary<TKey, TValue>>(typeof(IEnumerable<KeyValuePair<TKey, TValue>>));
    }

    private static Func<TSource, T>? ByConstructor<T, TSource>(Type parameter)
    {
        if (typeof(T).IsAbstract || typeof(T).GetConstructor([parameter]) is not { } constructor || constructor.GetParameters()[0].ParameterType != parameter)
            return null;
        var source = System.Linq.Expressions.Expression.Parameter(typeof(TSource));
        var make = System.Linq.Expressions.Expression.New(constructor, System.Linq.Expressions.Expression.Convert(source, parameter));
        return System.Linq.Expressions.Expression.Lambda<Func<TSource, T>>(make, source).Compile();
    }

    private static Type? Find(Type type, Type definition) =>
        type.GetInterfaces().Prepend(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition);

    private static ValueCodec Generic(string method, Type[] types) =>
        (ValueCodec)typeof(CollectionCodecs).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(types).Invoke(null, null)!;
}
