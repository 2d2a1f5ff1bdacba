using System.Collections.Immutable;

namespace Kernmantle.Tests.Payloads;

/// <summary>Arrays and collections, in their order and with the default comparer.</summary>
public sealed class CollectionRoundTripTests
{
    private readonly record struct Bits(int A, long B);

    private readonly record struct Mixed(int A, string? B);

    private sealed record Item(string Name);

    private sealed record Members(IReadOnlyList<Item> List, IEnumerable<int> Numbers, IReadOnlyDictionary<string, Item> Map, IReadOnlyCollection<string?> Texts, IList<int> Own, ICollection<int> Any, IDictionary<int, int> Numbered);

    [Fact]
    public void Arrays_survive()
    {
        Payload.Survives<int[]?>(null);
        Payload.Survives<int[]>([]);
        Payload.Survives<string?[]>(["a", null, ""]);
        Payload.Survives<string[]?>(null);
        Payload.Survives<int[]?[]>([[1, 2], null, []]);
        Payload.Survives<Bits[]>([new(1, 2), new(3, 4)]);
        Payload.Survives<Mixed[]>([new(1, "a"), new(2, null)]);
        Payload.Survives<Item?[]>([new("a"), null]);
        Payload.Survives<int?[]>([1, null]);
        Payload.Survives<bool[]>([true, false]);
    }

    [Fact]
    public void Collections_survive()
    {
        Payload.Survives(new List<Item?> { new("a"), null });
        Payload.Survives<List<int>?>(null);
        Payload.Survives(new Dictionary<string, Item> { ["a"] = new("1"), ["b"] = new("2") });
        Payload.Survives(new Dictionary<int, List<string>> { [1] = ["x"] });
        Payload.Survives(new HashSet<string> { "a", "b" });
        Payload.Survives(new SortedSet<int> { 3, 1, 2 });
        Payload.Survives(new SortedDictionary<string, int> { ["b"] = 1, ["a"] = 2 });
        Payload.Survives<Dictionary<(int, string), int>>(new() { [(1, "a")] = 2 });
    }

    [Fact]
    public void Immutable_collections_survive()
    {
        Payload.Survives(ImmutableList.Create("b", "a"));
        Payload.Survives(ImmutableDictionary<string, int>.Empty.Add("a", 1));
        Payload.Survives(ImmutableHashSet.Create(1, 2));
        Payload.Survives(ImmutableSortedSet.Create(2, 1));
        Payload.Survives(ImmutableSortedDictionary<int, string>.Empty.Add(2, "b").Add(1, "a"));
        Assert.Equal([1, 2, 3], Payload.Cross(ImmutableArray.Create(1, 2, 3)));
        Assert.Equal(["a", "b"], Payload.CrossNested(ImmutableArray.Create("a", "b")));
        Assert.Equal(["first", "second", "third"], Payload.Cross(ImmutableQueue.Create("first", "second", "third")));
        Assert.Equal([3, 1, 2], Payload.CrossNested(ImmutableQueue.Create(3, 1, 2)));
    }

    [Fact]
    public void A_default_immutable_array_is_refused_and_an_empty_one_survives()
    {
        Assert.Equal("A default ImmutableArray<Int32>", Payload.Refused(default(ImmutableArray<int>)).Subject);
        Assert.Contains("Empty", Payload.Refused(new Payload.Holder<ImmutableArray<string>>("", default, "")).Remedy, StringComparison.Ordinal);
        Assert.True(Payload.Cross(ImmutableArray<string>.Empty) is { IsDefault: false, IsEmpty: true });
        Assert.Null(Payload.CrossNested<ImmutableArray<int>?>(null));
    }

    [Fact]
    public void Members_declared_as_collection_interfaces_survive()
    {
        var sent = new Members([new("a")], Enumerable.Range(1, 3).Where(static n => n > 1), new Dictionary<string, Item> { ["k"] = new("v") }, new[] { "t", null }, [1], [2], new Dictionary<int, int> { [3] = 4 });
        Members crossed = Payload.Cross(sent);
        Assert.Equal(sent.List, crossed.List);
        Assert.Equal([2, 3], crossed.Numbers);
        Assert.Equal(sent.Map, crossed.Map);
        Assert.Equal(sent.Texts, crossed.Texts);
        Assert.Equal(sent.Own, crossed.Own);
        Assert.Equal(sent.Any, crossed.Any);
        Assert.Equal(sent.Numbered, crossed.Numbered);
        Assert.Equal([1, 2], Payload.Cross<IReadOnlyList<int>>([1, 2]));
        Assert.Equal(["a"], Payload.Cross<IEnumerable<string>>(["a"]));
    }

    [Fact]
    public void A_sequence_is_enumerated_once()
    {
        var once = new Queue<Item>([new("a"), new("b")]);
        IEnumerable<Item> Taken()
        {
            while (once.TryDequeue(out Item? item))
                yield return item;
        }
        Assert.Equal([new("a"), new("b")], Payload.Cross(Taken()));
        once.Enqueue(new("c"));
        Assert.Equal([new("c")], Payload.CrossNested(Taken()));
        once.Enqueue(new("d"));
        Assert.Equal([new("d")], Payload.Cross(new List<IEnumerable<Item>> { Taken() })[0]);
        int made = 0;
        IEnumerable<Item> counted = Enumerable.Range(1, 3).Select(n => new Item($"{made += n}"));
        List<IEnumerable<Item>> crossed = Payload.Cross(new List<IEnumerable<Item>> { counted, counted });
        Assert.Equal(6, made);
        Assert.Equal([new("1"), new("3"), new("6")], crossed[0]);
        Assert.Same(crossed[0], crossed[1]);
    }

    [Fact]
    public void Sequences_of_everything_survive()
    {
        Item shared = new("a");
        Item[] same = [.. Payload.Cross(Enumerable.Repeat(shared, 3).Where(static i => i.Name == "a"))];
        Assert.Same(same[0], same[2]);
        Assert.Null(Payload.CrossNested<IEnumerable<Item>?>(null));
        Assert.Equal([("a", new Item("b"))], Payload.Cross(new[] { "a" }.Select(static t => (t, new Item("b")))));
        Assert.Equal([new("a"), null], Payload.Cross<IEnumerable<Item?>>(new Item?[] { new("a"), null }.Where(static _ => true)));
        Assert.Equal([1, 2], Payload.CrossNested(Enumerable.Range(1, 4).Where(static n => n < 3)));
        Assert.Equal([[1], [2, 3]], Payload.Cross<IEnumerable<IEnumerable<int>>>(new int[][] { [1], [2, 3] }.Select(static a => a.Select(static n => n))));
        Nested tree = Payload.Cross(new Nested("a", new[] { "b", "c" }.Select(static n => new Nested(n, []))));
        Assert.Equal(["b", "c"], tree.Inner.Select(static n => n.Name));
        Assert.Equal([new("a")], Payload.CrossNested<IEnumerable<Item>>(new HashSet<Item> { new("a") }));
    }

    private sealed record Nested(string Name, IEnumerable<Nested> Inner);

    [Fact]
    public void Memories_and_segments_cross_as_the_part_they_show()
    {
        byte[] bytes = [1, 2, 3, 4];
        Assert.Equal([2, 3], Payload.Cross(bytes.AsMemory(1, 2)).ToArray());
        Assert.Equal([2, 3], Payload.Cross<ReadOnlyMemory<byte>>(bytes.AsMemory(1, 2)).ToArray());
        Assert.Equal([2, 3], (byte[])[.. Payload.Cross(new ArraySegment<byte>(bytes, 1, 2))]);
        Assert.Null(Payload.Cross(default(ArraySegment<int>)).Array);
        Assert.True(Payload.Cross(default(Memory<int>)).IsEmpty);
        Assert.Equal([1.5, 2.5], Payload.Cross<Memory<double>>(new[] { 1.5, 2.5 }).ToArray());
        Assert.Equal([2, 3], Payload.CrossNested(bytes.AsMemory(1, 2)).ToArray());
        Assert.Equal([7L], Payload.CrossNested<ReadOnlyMemory<long>>(new[] { 7L }).ToArray());
        Assert.Equal([2, 3], (byte[])[.. Payload.CrossNested(new ArraySegment<byte>(bytes, 1, 2))]);
        Assert.Null(Payload.CrossNested(default(ArraySegment<int>)).Array);
    }

    [Fact]
    public void An_array_of_64_MiB_survives()
    {
        byte[] bytes = new byte[64 << 20];
        new Random(1).NextBytes(bytes);
        Assert.True(bytes.AsSpan().SequenceEqual(Payload.Cross(bytes)));
        Assert.True(bytes.AsSpan().SequenceEqual(Payload.CrossNested(bytes)));
    }

    [Fact]
    public void Decoded_collections_compare_by_the_default()
    {
        Assert.Same(new Dictionary<string, int>().Comparer, Payload.Cross(new Dictionary<string, int> { ["a"] = 1 }).Comparer);
        Assert.Same(EqualityComparer<Item>.Default, Payload.Cross(new Dictionary<Item, int>()).Comparer);
        Assert.Same(EqualityComparer<int>.Default, Payload.Cross(new HashSet<int> { 1 }).Comparer);
        Assert.Same(new HashSet<string>().Comparer, Payload.Cross(new HashSet<string> { "a" }).Comparer);
        Assert.Same(Comparer<int>.Default, Payload.Cross(new SortedSet<int> { 1 }).Comparer);
        Assert.Same(Comparer<string>.Default, Payload.Cross(new SortedDictionary<string, int>()).Comparer);
        Assert.Same(EqualityComparer<string>.Default, Payload.Cross(ImmutableHashSet.Create("a")).KeyComparer);
    }
}
