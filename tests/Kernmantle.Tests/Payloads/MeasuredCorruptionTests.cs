using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Kernmantle.Tests.Payloads;

/// <summary>
/// Everything that the serializer was measured to fail on or to change in silence: each is carried whole or refused by name.
/// Kinds of <see cref="DateTime"/> and lone surrogates: <see cref="ValueRoundTripTests"/>; comparers of what arrives: <see cref="CollectionRoundTripTests"/>;
/// shared references: <see cref="SharedReferenceTests"/>.
/// </summary>
public sealed class MeasuredCorruptionTests
{
    private interface IShape
    {
        double Area { get; }
    }

    private abstract record Animal(string Name);

    private sealed record Dog(string Name) : Animal(Name);

    private record Open(string Name);

    private sealed record Closed(string Name, int More) : Open(Name);

    private sealed record Chain(int Value)
    {
        public Chain? Next { get; set; }
    }

    private sealed class PrivateField
    {
        private int secret = 3;

        public int Public { get; set; }

        public int Bump() => secret++;
    }

    private sealed class PrivateSetter
    {
        public int Count { get; private set; }

        public void Bump() => Count++;
    }

    private static void Named(NotPortableException refusal, string subject, string remedy)
    {
        Assert.Equal(subject, refusal.Subject);
        Assert.Contains(remedy, refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Interface_and_abstract_members_are_refused()
    {
        Named(Payload.Refused<Payload.Holder<IShape>>(), "Holder<IShape>.Value (IShape)", "Declare the concrete type");
        Named(Payload.Refused<Payload.Holder<Animal>>(), "Holder<Animal>.Value (Animal)", "Declare the concrete type");
        Named(Payload.Refused<List<IShape>>(), "List<IShape>.[] (IShape)", "Declare the concrete type");
    }

    [Fact]
    public void Depth_beyond_500_is_refused_and_up_to_500_survives()
    {
        Chain? deep = null;
        for (int i = 0; i < 2000; i++)
            deep = new(i) { Next = deep };
        NotPortableException refusal = Payload.Refused(deep!);
        Assert.Contains("deeper than 500", refusal.Subject, StringComparison.Ordinal);
        Assert.Contains("flat list", refusal.Remedy, StringComparison.Ordinal);
        Chain? fits = null;
        for (int i = 0; i < 500; i++)
            fits = new(i) { Next = fits };
        int count = 0;
        for (Chain? c = Payload.Cross(fits!); c is not null; c = c.Next)
            count++;
        Assert.Equal(500, count);
    }

    [Fact]
    public void Addresses_are_refused()
    {
        Named(Payload.Refused<nint>(), "IntPtr", "pass the data");
        Named(Payload.Refused<Payload.Holder<nuint>>(), "Holder<UIntPtr>.Value (UIntPtr)", "pass the data");
        Named(Payload.Refused<Payload.Holder<(int, nint)>>(), "Holder<ValueTuple<Int32, IntPtr>>.Value.Item2 (IntPtr)", "pass the data");
    }

    [Fact]
    public void Platform_types_that_would_become_empty_are_refused()
    {
        Named(Payload.Refused<Payload.Holder<IPAddress>>(), "Holder<IPAddress>.Value (IPAddress)", "GetAddressBytes");
        Named(Payload.Refused<Payload.Holder<JsonElement>>(), "Holder<JsonElement>.Value (JsonElement)", "GetRawText");
        Named(Payload.Refused<Payload.Holder<StringBuilder>>(), "Holder<StringBuilder>.Value (StringBuilder)", "Pass its text");
        Named(Payload.Refused<CultureInfo>(), "CultureInfo", "Pass its Name");
    }

    [Fact]
    public void Private_state_is_refused()
    {
        Assert.Equal(3, new PrivateField().Bump());
        Named(Payload.Refused<PrivateField>(), "PrivateField.secret", "private and would be lost");
        new PrivateSetter().Bump();
        Named(Payload.Refused<Payload.Holder<PrivateSetter>>(), "Holder<PrivateSetter>.Value.Count", "no public setter or init");
    }

    [Fact]
    public void Members_declared_as_object_are_refused() => Named(Payload.Refused<Payload.Holder<object>>(), "Holder<Object>.Value (Object)", "Declare the type of what it holds");

    [Fact]
    public void Values_of_a_derived_type_are_refused()
    {
        Payload.Survives(new Open("a"));
        NotPortableException refusal = Payload.Refused<Open>(new Closed("a", 1));
        Named(refusal, "An object of Closed declared as Open", "Declare the type it has");
        Assert.Equal(refusal.Subject, Payload.Refused<Open[]>([new("a"), new Closed("b", 1)]).Subject);
        Assert.Equal(refusal.Subject, Payload.Refused(new Payload.Holder<Open>("", new Closed("b", 1), "")).Subject);
        Assert.Equal(refusal.Subject, Payload.Refused(new Dictionary<int, Open> { [1] = new Closed("b", 1) }).Subject);
        Payload.Survives(new Dog("rex"));
    }

    [Fact]
    public void Collections_with_a_comparer_of_their_own_are_refused()
    {
        Named(Payload.Refused(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)), "A Dictionary<String, Int32> with a comparer of its own", "build it there");
        Payload.Refused(new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        Payload.Refused(new SortedSet<int>(Comparer<int>.Create(static (a, b) => b - a)));
        Payload.Refused(new SortedDictionary<string, int>(StringComparer.Ordinal));
        Payload.Refused(new Payload.Holder<IReadOnlyDictionary<string, int>>("", new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase), ""));
        Payload.Refused(ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, "a"));
        Assert.Equal(1, Payload.Cross(new Dictionary<string, int>(StringComparer.Ordinal) { ["a"] = 1 })["a"]);
    }

    [Fact]
    public void Views_have_the_comparer_of_what_they_show()
    {
        IReadOnlyDictionary<string, int> view = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }.AsReadOnly();
        Named(Payload.Refused(view), "A ReadOnlyDictionary<String, Int32> with a comparer of its own", "build it there");
        Payload.Refused(new Payload.Holder<IDictionary<string, int>>("", new Derived(view.ToDictionary(StringComparer.OrdinalIgnoreCase)), ""));
        Payload.Refused<IReadOnlyCollection<string>>(new ReadOnlySet<string>(new HashSet<string>(StringComparer.OrdinalIgnoreCase)));
        Assert.Equal(1, Payload.Cross<IReadOnlyDictionary<string, int>>(new Dictionary<string, int> { ["a"] = 1 }.AsReadOnly())["a"]);
        Assert.Equal(["a"], Payload.Cross<IReadOnlyCollection<string>>(new ReadOnlySet<string>(new HashSet<string> { "a" })));
    }

    [Fact]
    public void Maps_that_do_not_tell_their_comparer_are_refused()
    {
        var map = new Silent { ["a"] = 1 };
        Named(Payload.Refused<IDictionary<string, int>>(map), "A Silent that does not tell its comparer", "build it there");
        Payload.Refused<IReadOnlyDictionary<string, int>>(new ReadOnlyDictionary<string, int>(map));
        Assert.Equal([KeyValuePair.Create("a", 1)], Payload.Cross<IEnumerable<KeyValuePair<string, int>>>(map));
        Assert.Equal(1, Payload.Cross<IDictionary<string, int>>(new ConcurrentDictionary<string, int> { ["a"] = 1 })["a"]);
        Assert.Equal(1, Payload.Cross<IReadOnlyDictionary<string, int>>(new Dictionary<string, int> { ["a"] = 1 }.ToFrozenDictionary())["a"]);
        Assert.Equal(1, Payload.Cross<IReadOnlyDictionary<string, int>>(ImmutableDictionary<string, int>.Empty.Add("a", 1))["a"]);
    }

    private sealed class Derived(IDictionary<string, int> dictionary) : ReadOnlyDictionary<string, int>(dictionary);

    /// <summary>Letter case does not matter to it.</summary>
    private sealed class Silent : IDictionary<string, int>
    {
        private readonly Dictionary<string, int> items = new(StringComparer.OrdinalIgnoreCase);

        public int this[string key] { get => items[key]; set => items[key] = value; }

        public ICollection<string> Keys => items.Keys;

        public ICollection<int> Values => items.Values;

        public int Count => items.Count;

        public bool IsReadOnly => false;

        public void Add(string key, int value) => items.Add(key, value);

        public void Add(KeyValuePair<string, int> item) => items.Add(item.Key, item.Value);

        public void Clear() => items.Clear();

        public bool Contains(KeyValuePair<string, int> item) => items.Contains(item);

        public bool ContainsKey(string key) => items.ContainsKey(key);

        public void CopyTo(KeyValuePair<string, int>[] array, int arrayIndex) => ((ICollection<KeyValuePair<string, int>>)items).CopyTo(array, arrayIndex);

        public bool Remove(string key) => items.Remove(key);

        public bool Remove(KeyValuePair<string, int> item) => items.Remove(item.Key);

        public bool TryGetValue(string key, out int value) => items.TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<string, int>> GetEnumerator() => items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
