using Kernmantle.Payloads;

namespace Kernmantle.Tests.Payloads;

/// <summary>The walk over values costs only where a value can hide something.</summary>
public sealed class ObjectGuardTests
{
    private sealed record Leaves(int Count, string Name, DateTime When);

    private sealed record Deep(Leaves Leaves);

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
    public void Sharing_is_seen()
    {
        var leaves = new Leaves(1, "a", default);
        Assert.True(ObjectGuard.For(typeof(Leaves[])).Check(new[] { leaves, leaves }));
        Assert.False(ObjectGuard.For(typeof(Deep[])).Check(new[] { new Deep(leaves), new Deep(leaves with { }) }));
        Assert.True(ObjectGuard.For(typeof(Deep[])).Check(new[] { new Deep(leaves), new Deep(leaves) }));
    }
}
