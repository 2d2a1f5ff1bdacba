using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Tests.Inspection;

/// <summary>Which deaths are kept.</summary>
public sealed class DeathsTests : InspectionTests
{
    [Fact]
    public void A_pool_whose_workers_die_again_and_again_drives_out_its_own()
    {
        Add(-1, "of a quiet pool");
        for (int i = 0; i < 2 * Deaths.Capacity; i++)
            Add(-2, $"{i}");
        Assert.Equal(Deaths.Capacity, Deaths.All.Count);
        Assert.Equal("of a quiet pool", Deaths.All[0].Message);
        Assert.Equal($"{(2 * Deaths.Capacity) - 1}", Deaths.All[^1].Message);
    }

    private static void Add(int pool, string message) => Deaths.Add(new(DateTimeOffset.UnixEpoch, pool, "pool", "worker", null, "Exited", message, null, null), null);
}
