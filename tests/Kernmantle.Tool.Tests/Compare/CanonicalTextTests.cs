using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Tests.Compare;

public sealed class CanonicalTextTests
{
    [Fact]
    public void Unordered_collections_have_no_order_and_sequences_have_one()
    {
        Assert.Equal(CanonicalText.Of(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }), CanonicalText.Of(new Dictionary<string, int> { ["b"] = 2, ["a"] = 1 }));
        Assert.Equal(CanonicalText.Of(new HashSet<int> { 1, 2 }), CanonicalText.Of(new HashSet<int> { 2, 1 }));
        Assert.NotEqual(CanonicalText.Of((int[])[1, 2]), CanonicalText.Of((int[])[2, 1]));
        Assert.NotEqual(CanonicalText.Of(new Dictionary<string, int> { ["a"] = 1 }), CanonicalText.Of(new Dictionary<string, int> { ["a"] = 2 }));
    }

    [Theory]
    [InlineData(null, "null")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData(1.5, "1.5")]
    [InlineData(true, "true")]
    [InlineData(DayOfWeek.Friday, "Friday")]
    public void Plain_values_are_shown_as_they_are(object? value, string text) => Assert.Equal(text, CanonicalText.Of(value));

    [Fact]
    public void Objects_are_shown_by_their_members_whatever_their_identity()
    {
        Assert.Equal("(Inner: [\"x\", null], Name: \"n\")", CanonicalText.Of(new { Name = "n", Inner = (string?[])["x", null] }));
        Assert.Equal(CanonicalText.Of(new { A = new Uri("http://x/") }), CanonicalText.Of(new { A = new Uri("http://x/") }));
        Assert.Equal("(Item1: 1, Item2: \"b\")", CanonicalText.Of((1, "b")));
        Assert.Equal("0x0102", CanonicalText.Of(new byte[] { 1, 2 }));
        Assert.Equal("[1, 2]", CanonicalText.Of(new ReadOnlyMemory<int>([1, 2])));
    }

    [Fact]
    public void A_cycle_ends_and_a_property_that_throws_is_told()
    {
        Node node = new();
        node.Next = node;
        Assert.Equal("(Broken: \"throws InvalidOperationException\", Next: …)", CanonicalText.Of(node));
    }

    [Fact]
    public void Equal_texts_have_equal_marks_and_none_is_that_of_a_failure()
    {
        Assert.Equal(CanonicalText.Mark("a"), CanonicalText.Mark("a"));
        Assert.NotEqual(CanonicalText.Mark("a"), CanonicalText.Mark("b"));
        Assert.NotEqual(0UL, CanonicalText.Mark(""));
    }

    private sealed class Node
    {
        public Node? Next { get; set; }

        public int Broken => Next is null ? 0 : throw new InvalidOperationException();
    }
}
