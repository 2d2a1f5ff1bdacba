using Kernmantle.Payloads.Objects;

namespace Kernmantle.Tests.Payloads;

/// <summary>The walk over values costs only where a value can hide something.</summary>
public sealed class ObjectGuardTests
{
    private sealed record Leaves(int Count, string Name, DateTime When);

    private record Deep(Leaves Leaves);

    private sealed record DeepDerived(Leaves Leaves) : Deep(Leaves);

    private sealed record OneRun(string Name, int[] Numbers);

    private sealed record TwoRuns(int[] First, int[] Second);

    [Fact]
    public void Leaf_items_are_not_visited()
    {
        int visited = 0;
        IEnumerable<int> Items()
        {
            visited++;
            yield return 1;
        }
        Assert.False(ObjectGuard.For(typeof(IEnumerable<int>)).Check(Items()));
        Assert.Equal(0, visited);
        Assert.False(ObjectGuard.For(typeof(string)).Check("a"));
        Assert.False(ObjectGuard.For(typeof(int)).Check(1));
    }

    [Fact]
    public void A_walk_without_branches_allocates_nothing()
    {
        var guard = ObjectGuard.For(typeof(Leaves));
        var value = new Leaves(1, "a", default);
        Assert.False(guard.Check(value));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(guard.Check(value));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void One_array_of_bits_beside_leaves_cannot_be_shared_and_two_can()
    {
        int[] numbers = [1, 2];
        Assert.False(ObjectGuard.For(typeof(OneRun)).Check(new OneRun("a", numbers)));
        Assert.True(ObjectGuard.For(typeof(TwoRuns)).Check(new TwoRuns(numbers, numbers)));
        Assert.False(ObjectGuard.For(typeof(TwoRuns)).Check(new TwoRuns(numbers, [1, 2])));
        Assert.True(ObjectGuard.For(typeof(OneRun[])).Check(new[] { new OneRun("a", numbers), new OneRun("b", numbers) }));
    }

    [Fact]
    public void A_walk_leaves_nothing_to_the_next_of_its_thread()
    {
        var leaves = new Leaves(1, "a", default);
        var guard = ObjectGuard.For(typeof(Deep[]));
        Assert.True(guard.Check(new[] { new Deep(leaves), new Deep(leaves) }));
        Assert.False(guard.Check(new[] { new Deep(leaves) }));
        Assert.Throws<NotPortableException>(() => guard.Check(new[] { new Deep(leaves), new DeepDerived(leaves) }));
        Assert.False(guard.Check(new[] { new Deep(leaves) }));
    }

    [Fact]
    public void Sharing_is_seen()
    {
        var leaves = new Leaves(1, "a", default);
        Assert.True(ObjectGuard.For(typeof(Leaves[])).Check(new[] { leaves, leaves }));
        Assert.False(ObjectGuard.For(typeof(Deep[])).Check(new[] { new Deep(leaves), new Deep(leaves with { }) }));
        Assert.True(ObjectGuard.For(typeof(Deep[])).Check(new[] { new Deep(leaves), new Deep(leaves) }));
    }
}
