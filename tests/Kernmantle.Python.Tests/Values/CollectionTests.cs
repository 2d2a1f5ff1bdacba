using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Values;

[Interpreter("python3")]
public sealed class CollectionTests
{
    [Fact]
    public void Sequences_survive()
    {
        Wire.Survives<string?[]>(["a", null, ""]);
        Wire.Survives<string[]?>(null);
        Wire.Survives<List<long>>([1, 2, long.MaxValue]);
        Wire.Survives<List<List<int>?>>([[1], null, []]);
        Wire.Survives<IReadOnlyList<string>>(["a"]);
        Wire.Survives<IEnumerable<string>>(["a", "b"]);
        Wire.Survives<IList<Guid>>([Guid.NewGuid()]);
        Wire.Survives<IReadOnlyCollection<char>>(['a']);
        Wire.Survives<ICollection<decimal>>([1.5m]);
        Wire.Survives<ImmutableArray<string>>(["a"]);
        Wire.Survives<ImmutableList<string>>(["a"]);
        Wire.Survives<IImmutableList<string>>(["a"]);
        Wire.Survives(new Queue<int>([1, 2, 3]));
        Wire.Survives(new Stack<int>([1, 2, 3]));
        Wire.Survives(new LinkedList<int>([1, 2, 3]));
        Wire.Survives(new System.Collections.ObjectModel.Collection<int>([1, 2, 3]));
        Wire.Survives(new System.Collections.ObjectModel.ReadOnlyCollection<int>([1, 2, 3]));
        Wire.Survives<int?[]>([1, null]);
        Assert.Equal(["a", "b"], Wire.ThroughPython<ReadOnlyMemory<string>>((string[])["a", "b"]).ToArray());
        Assert.Equal(["b"], Wire.ThroughPython(new ArraySegment<string>(["a", "b"], 1, 1)));
        Assert.Equal("[1, 2, 3]", Wire.Shown(Enumerable.Range(1, 3).Where(static n => n > 0)));
        Assert.Equal("[1, 'a', None, [2.5]]", Wire.Shown<ArrayList>([1, "a", null, new List<double> { 2.5 }]));
        Assert.Equal("[]", Wire.Shown<List<string>>([]));
    }

    [Fact]
    public void Sequences_are_read_from_every_kind_of_them()
    {
        foreach (string expression in (string[])["[1, 2]", "(1, 2)", "{1, 2}", "frozenset([1, 2])", "(..., 'array', 'h', (2,), b'\\x01\\x00\\x02\\x00')"])
        {
            Assert.Equal([1, 2], Wire.Eval<int[]>(expression));
            Assert.Equal([1, 2], Wire.Eval<List<long>>(expression));
            Assert.Equal([1, 2], Wire.Eval<IEnumerable<double>>(expression));
            Assert.Equal([1, 2], Wire.Eval<HashSet<long>>(expression));
            Assert.Equal([1, 2], Wire.Eval<ImmutableArray<int>>(expression));
            Assert.Equal([1, 2], Wire.Eval<ReadOnlyMemory<int>>(expression).ToArray());
        }
        Assert.Equal([1, 2], Wire.Eval<List<byte>>("b'\\x01\\x02'"));
        Assert.Equal([1, 2], Wire.Eval<byte[]>("[1, 2]"));
    }

    [Fact]
    public void Long_lists_survive()
    {
        foreach (int count in (int[])[1023, 1024, 1025, 2048, 2049, 100_000])
        {
            List<long> numbers = [.. Enumerable.Range(0, count).Select(static n => (long)n * 1_000_003)];
            Wire.Survives(numbers);
            Assert.Equal(numbers, Wire.Read<long[]>(Wire.Write(numbers)));
        }
    }

    [Fact]
    public void Sets_survive()
    {
        Wire.Survives<HashSet<string>>(["a", "b"], sameBytes: false);
        Wire.Survives<ISet<int>>(new HashSet<int> { 1, 2 }, sameBytes: false);
        Wire.Survives<IReadOnlySet<int>>(new HashSet<int> { 1, 2 }, sameBytes: false);
        Wire.Survives(new SortedSet<int> { 3, 1, 2 }, sameBytes: false);
        Wire.Survives<ImmutableHashSet<string>>(["x"]);
        Wire.Survives<ImmutableSortedSet<string>>(["x"]);
        Assert.Equal([1, 2], Wire.ThroughPython(new[] { 1, 2 }.ToFrozenSet()).Order());
        Assert.Equal("{(1, 'a')}", Wire.Shown<HashSet<(int, string)>>([(1, "a")]));
        Assert.Equal("{frozenset({1})}", Wire.Shown<HashSet<HashSet<int>>>([[1]]));
        Assert.Equal("set()", Wire.Shown<HashSet<int>>([]));
    }

    [Fact]
    public void Dictionaries_survive()
    {
        Wire.Survives(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 });
        Wire.Survives<IDictionary<int, string?>>(new Dictionary<int, string?> { [1] = null });
        Wire.Survives<IReadOnlyDictionary<Guid, List<int>>>(new Dictionary<Guid, List<int>> { [Guid.NewGuid()] = [1, 2] });
        Wire.Survives(new SortedDictionary<string, int> { ["b"] = 1, ["a"] = 2 });
        Wire.Survives(new ConcurrentDictionary<string, int> { ["b"] = 1 });
        Wire.Survives(ImmutableDictionary<string, int>.Empty.Add("a", 1));
        Wire.Survives(ImmutableSortedDictionary<string, int>.Empty.Add("a", 1));
        Wire.Survives(new Dictionary<(int, string), (double, bool)> { [(1, "a")] = (1.5, true) });
        Assert.Equal(1, Wire.ThroughPython(new Dictionary<string, int> { ["a"] = 1 }.ToFrozenDictionary())["a"]);
        Assert.Equal("{'a': 1, 'b': [None]}", Wire.Shown(new Hashtable { ["a"] = 1, ["b"] = new object?[] { null } }.Cast<DictionaryEntry>().OrderBy(static e => (string)e.Key).ToDictionary(static e => e.Key, static e => e.Value)));
        Assert.Equal("{'a': 1}", Wire.Shown(new Hashtable { ["a"] = 1 }));
        Assert.Equal(new Dictionary<string, int> { ["x"] = 1 }, Wire.Eval<Dictionary<string, int>>("(..., 'record', 'Point', {'x': 1})"));
    }

    [Fact]
    public void Tuples_of_any_length_survive()
    {
        Wire.Survives(ValueTuple.Create(1));
        Wire.Survives((1, "a"));
        Wire.Survives((1, 2, 3, 4, 5, 6, 7));
        Wire.Survives((1, 2, 3, 4, 5, 6, 7, 8));
        Wire.Survives((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "16", 17.0));
        Wire.Survives(Tuple.Create(1, "a"));
        Wire.Survives(new Tuple<int, int, int, int, int, int, int, Tuple<string>>(1, 2, 3, 4, 5, 6, 7, new("8")));
        Wire.Survives(new KeyValuePair<string, int>("a", 1));
        Wire.Survives<(int, (string, double?))?>((1, ("a", null)));
        Assert.Equal("(1, 2, 3, 4, 5, 6, 7, 8)", Wire.Shown((1, 2, 3, 4, 5, 6, 7, 8)));
        Assert.Equal((1, "a"), Wire.Eval<(int, string)>("[1, 'a']"));
        Assert.Equal((1, 2.0), Wire.Eval<(int, double)>("(..., 'record', 'Point', {'x': 1, 'y': 2})"));
        Assert.Contains("3", Wire.Mismatch<(int, int, int)>("(1, 2)").Remedy, StringComparison.Ordinal);
        Wire.Mismatch<(int, int)>("(1, 2, 3)");
        Wire.Mismatch<(int, int)>("(..., 'record', 'P', {'x': 1})");
        Wire.Mismatch<(int, int)>("(..., 'record', 'P', {'x': 1, 'y': 2, 'z': 3})");
        Assert.Equal("[1]", Wire.Mismatch<(int, int)>("(1, 'a')").Path);
    }

    [Fact]
    public void Json_becomes_Python_values_and_comes_back()
    {
        const string text = """{"a":[1,2.5,null,true,"x\u0000é"],"b":{"c":123456789012345678901234567890},"d":1.0}""";
        using var document = JsonDocument.Parse(text);
        Assert.Equal(@"{'a': [1, 2.5, None, True, 'x\x00\xe9'], 'b': {'c': 123456789012345678901234567890}, 'd': 1.0}", Wire.Shown(document.RootElement));
        Assert.Equal(Wire.Shown(document.RootElement), Wire.Shown(document));
        Assert.Equal(Wire.Shown(document.RootElement), Wire.Shown(JsonNode.Parse(text)));
        Assert.Equal(Wire.Shown(document.RootElement), Wire.Shown(JsonNode.Parse(text)!.AsObject()));
        Assert.True(JsonElement.DeepEquals(document.RootElement, Wire.ThroughPython(document.RootElement)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), Wire.ThroughPython(JsonNode.Parse(text))));
        Assert.Equal("[1]", Wire.ThroughPython<JsonArray>([1]).ToJsonString());
        Assert.Equal(".x", Wire.Mismatch<Holder>("{'x': {1: 2}}").Path);
        Assert.Equal("[\"a\"][1]", Wire.Mismatch<JsonElement>("{'a': [1, float('nan')]}").Path);
    }

    private sealed record Holder(JsonElement X);
}
