using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Kernmantle.Tests.Payloads;

/// <summary>Tuples, records, classes and structs.</summary>
public sealed class ObjectRoundTripTests
{
    [Fact]
    public void Tuples_survive()
    {
        Payload.Survives(ValueTuple.Create("a"));
        Payload.Survives((1, "a"));
        Payload.Survives((1, "a", (long?)null));
        Payload.Survives((1, "a", 2.0, 'c'));
        Payload.Survives((1, "a", 2.0, 'c', true));
        Payload.Survives((1, "a", 2.0, 'c', true, (byte)6));
        Payload.Survives((1, "a", 2.0, 'c', true, (byte)6, "seven"));
        Payload.Survives((1, "a", 2.0, 'c', true, (byte)6, "seven", "eight"));
        Payload.Survives((1, 2, 3, 4, 5, 6, 7, 8, 9));
        Payload.Survives(Tuple.Create("a"));
        Payload.Survives(Tuple.Create(1, (string?)null));
        Payload.Survives(Tuple.Create(1, 2, 3, 4, 5, 6, "7"));
        Payload.Survives(Tuple.Create(1, 2, 3, 4, 5, 6, "7", 8));
        Payload.Survives(KeyValuePair.Create("a", 1));
        Payload.Survives(KeyValuePair.Create(1, 2));
    }

    [Fact]
    public void Records_survive()
    {
        Payload.Survives(new Pair("a", 1));
        Payload.Survives(new Pair(null, 0));
        Payload.Survives<Pair?>(null);
        Payload.Survives(new PairStruct("a", 1));
        Payload.Survives(new Generic<Pair>(new("a", 1), [new("b", 2)]) { Note = "n" }.Value);
        Payload.Survives(new Initialised { Name = "n", Count = 3 });
        Payload.Survives(new Mixed("p") { Later = "l", Settable = 5 });
        Payload.Survives(new MixedStruct("p") { Later = 4 });
        Payload.Survives(new Derived("base", 7));
        Payload.Survives(new Empty());
        Payload.Survives(new Loud("a") { MoreThan = 2 });
    }

    [Fact]
    public void Nested_generics_and_recursive_types_survive()
    {
        Generic<Generic<int>> crossed = Payload.Cross(new Generic<Generic<int>>(new(1, [2]) { Note = "in" }, []) { Note = "out" });
        Assert.Equal((1, 2, "in", "out"), (crossed.Value.Value, crossed.Value.Rest[0], crossed.Value.Note, crossed.Note));
        Payload.Survives(new Node(1, new(2, null)));
        Assert.Equal("b", Payload.Cross(new Tree("a", [new("b", null), new("c", [])])).Children![0].Name);
    }

    [Fact]
    public void Anonymous_types_survive()
    {
        Payload.Survives(new { Name = "n", Count = 1, Inner = new { Deep = (string?)null } });
        Payload.Survives(new { A = 1, B = 2 });
    }

    [Fact]
    public void Classes_with_public_state_survive()
    {
        Plain crossed = Payload.Cross(new Plain { Name = null, Count = 3, Field = "f" });
        Assert.Equal((null, 3, "f"), (crossed.Name, crossed.Count, crossed.Field));
        var parent = Payload.Cross(new PlainChild { Count = 1, Extra = "x" });
        Assert.Equal((1, "x", "standard"), (parent.Count, parent.Extra, parent.Name));
        Assert.Equal(4, Payload.Cross(new WithConstructor(4)).Count);
        Assert.Equal(5, Payload.Cross(new TwoConstructors(5)).Count);
    }

    [Fact]
    public void What_a_constructor_sets_does_not_replace_a_default_that_was_sent()
    {
        // Members that are at their type's default although the constructor sets something else.
        Plain crossed = Payload.Cross(new Plain { Name = null, Count = 0 });
        Assert.Null(crossed.Name);
        Assert.Equal(0, crossed.Count);
    }

    [Fact]
    public void Structs_keep_their_private_bits()
    {
        var money = new Money(5, 3);
        Payload.Survives(money);
        Payload.Survives(new WithReference { Money = money, Name = "n" });
        Assert.Equal(money, Payload.Cross(new Dictionary<Money, Money> { [money] = money })[money]);
        Assert.Equal(money, Payload.CrossNested<Money?>(money));
        Assert.Equal([money], Payload.CrossNested<Money[]>([money]));
    }

    [Fact]
    public void Nullable_structs_that_hold_objects_survive()
    {
        Payload.Survives<(Pair, string)?>((new("a", 1), "b"));
        Payload.Survives<(Pair, string)?>(null);
        Payload.Survives<KeyValuePair<string, Pair>?>(new("a", new("b", 1)));
        Assert.Equal([1, 2], Payload.Cross<(int[] Data, string Name)?>(([1, 2], "a"))!.Value.Data);
        Assert.Equal([1, 2], Payload.CrossNested<(List<int> Data, int)?>(([1, 2], 3))!.Value.Data);
        Dictionary<string, (List<int> Data, int)?> crossed = Payload.Cross(new Dictionary<string, (List<int> Data, int)?> { ["a"] = ([1], 2), ["b"] = null });
        Assert.Equal([1], crossed["a"]!.Value.Data);
        Assert.Null(crossed["b"]);
        Assert.Equal([1], Payload.Cross<ImmutableArray<int>?>([1])!.Value);
        Assert.Equal([new("a", 1)], Payload.CrossNested<ImmutableArray<Pair>?>([new("a", 1)])!.Value);
    }

    [Fact]
    public void What_a_nullable_struct_holds_is_looked_into()
    {
        int[] shared = [1];
        ((int[] Data, string)?, int[]) crossed = Payload.Cross<((int[] Data, string)?, int[])>(((shared, "a"), shared));
        Assert.Same(crossed.Item1!.Value.Data, crossed.Item2);
        Assert.Equal("A default ImmutableArray<Int32>", Payload.Refused<ImmutableArray<int>?>(default(ImmutableArray<int>)).Subject);
        Assert.Equal("A Dictionary<String, Int32> with a comparer of its own", Payload.Refused<(Dictionary<string, int>, int)?>((new(StringComparer.OrdinalIgnoreCase), 1)).Subject);
    }

    private sealed record Pair(string? Name, int Count);

    private readonly record struct PairStruct(string Name, int Count);

    private sealed record Generic<T>(T Value, T[] Rest)
    {
        public required string Note { get; init; }
    }

    private sealed record Initialised
    {
        public required string Name { get; init; }

        public int Count { get; init; } = 9;
    }

    private sealed record Mixed(string First)
    {
        public required string Later { get; init; }

        public int Settable { get; set; }

        public int Computed => First.Length;
    }

    private record struct MixedStruct(string First)
    {
        public int Later { get; set; }
    }

    private abstract record Base(string Name);

    private sealed record Derived(string Name, int Count) : Base(Name);

    private sealed record Empty;

    private sealed record Loud(string A)
    {
        [SuppressMessage("Design", "CA1051", Justification = "Public fields cross too.")]
        public int MoreThan;
    }

    private sealed record Node(int Value, Node? Next);

    private sealed record Tree(string Name, List<Tree>? Children);

    private class Plain
    {
        public string? Name { get; set; } = "standard";

        public int Count { get; set; } = 7;

        [SuppressMessage("Design", "CA1051", Justification = "Public fields cross too.")]
        public string? Field;
    }

    private sealed class PlainChild : Plain
    {
        public string? Extra { get; set; }
    }

    private sealed class WithConstructor(int count)
    {
        public int Count { get; } = count;
    }

    private sealed class TwoConstructors
    {
        public TwoConstructors() { }

        public TwoConstructors(int count) => Count = count;

        public int Count { get; }
    }

    private readonly struct Money(long units, int scale) : IEquatable<Money>
    {
        private readonly long units = units;
        private readonly int scale = scale;

        public bool Equals(Money other) => units == other.units && scale == other.scale;

        public override bool Equals(object? obj) => obj is Money other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(units, scale);
    }

    private record struct WithReference
    {
        public Money Money { get; set; }

        public string? Name { get; set; }
    }
}
