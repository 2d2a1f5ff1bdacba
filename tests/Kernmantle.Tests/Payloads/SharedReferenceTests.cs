namespace Kernmantle.Tests.Payloads;

/// <summary>An object reached twice arrives as one object, and a cycle as a cycle where its type allows.</summary>
public sealed class SharedReferenceTests
{
    [Fact]
    public void Shared_references_stay_one_object()
    {
        var shared = new Chain(1);
        Chain[] crossed = Payload.Cross<Chain[]>([shared, shared, new(1)]);
        Assert.Same(crossed[0], crossed[1]);
        Assert.NotSame(crossed[0], crossed[2]);
        List<int> numbers = [1];
        (List<int> First, List<int> Second) pair = Payload.Cross((numbers, numbers));
        Assert.Same(pair.First, pair.Second);
    }

    [Fact]
    public void Arrays_of_bits_stay_one_array()
    {
        int[] numbers = [1, 2];
        (int[] First, int[] Second, int[] Other) crossed = Payload.Cross((numbers, numbers, new[] { 1, 2 }));
        Assert.Same(crossed.First, crossed.Second);
        Assert.NotSame(crossed.First, crossed.Other);
        Assert.Equal(numbers, crossed.Other);
    }

    [Fact]
    public void Cycles_survive_where_their_type_allows_and_are_refused_elsewhere()
    {
        var first = new Ring { Value = 1 };
        first.Next = new() { Value = 2, Next = first };
        Ring crossed = Payload.Cross(first);
        Assert.Equal(2, crossed.Next!.Value);
        Assert.Same(crossed, crossed.Next.Next);
        Ring nested = Payload.CrossNested(first);
        Assert.Same(nested, nested.Next!.Next);

        var chain = new Chain(1);
        chain.Next = new(2) { Next = chain };
        NotPortableException refusal = Payload.Refused(chain);
        Assert.Equal("A cycle of references through Chain", refusal.Subject);
        Assert.Contains("constructor without parameters", refusal.Remedy, StringComparison.Ordinal);
    }

    private sealed record Chain(int Value)
    {
        public Chain? Next { get; set; }
    }

    private sealed class Ring
    {
        public int Value { get; set; }

        public Ring? Next { get; set; }
    }
}
