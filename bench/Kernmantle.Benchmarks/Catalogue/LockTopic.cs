using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>One lock for all.</summary>
internal static class LockTopic
{
    public static Topic Topic => new(
        [Gil],
        [
            new("gil", "GlobalLock, free: acquire and release", "ours.gil-pair", ["dotnet.monitor-pair"], AtMostTimes, 2),
        ]);

    private static Group Gil { get; } = new(
        "gil",
        "GlobalLock: free, and wanted by two threads",
        new(Ours, "gil-pair", "GlobalLock, acquired and released"),
        new(Dotnet, "monitor-pair", "lock, on an object"),
        new(Dotnet, "lock-pair", "lock, on a System.Threading.Lock"),
        new(Ours, "gil-checkpoint", "GlobalLock, checkpoint that nobody asked for"),
        new(Ours, "gil-holds", "two threads that checkpoint: time of a hold that was asked for") { More = [("interval", "two threads that checkpoint: switch interval")] });
}
