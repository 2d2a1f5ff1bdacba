using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Locks: one for all, and one between processes.</summary>
internal static class LockTopic
{
    public static Topic Topic => new(
        [Gil, Shared],
        [
            new("gil", "GlobalLock, free: acquire and release", "ours.gil-pair", ["dotnet.monitor-pair"], AtMostTimes, 2),
            new("shared-lock", "SharedLock, free: taken and given back", "ours.shared-lock-pair", ["dotnet.monitor-pair"], AtMostTimes, 2),
            new("shared-lock", "SharedLock, wanted by two processes", "ours.shared-lock-contended", ["c.mutex"], AtLeastTimes, 1),
        ]);

    private static Group Gil { get; } = new(
        "gil",
        "GlobalLock: free, and wanted by two threads",
        new(Ours, "gil-pair", "GlobalLock, acquired and released"),
        new(Dotnet, "monitor-pair", "lock, on an object"),
        new(Dotnet, "lock-pair", "lock, on a System.Threading.Lock"),
        new(Ours, "gil-checkpoint", "GlobalLock, checkpoint that nobody asked for"),
        new(Ours, "gil-holds", "two threads that checkpoint: time of a hold that was asked for") { More = [("interval", "two threads that checkpoint: switch interval")] });

    private static Group Shared { get; } = new(
        "shared-lock",
        "SharedLock: free, and wanted by two processes all the time",
        new(Ours, "shared-lock-pair", "SharedLock, taken and given back"),
        new(Dotnet, "monitor-pair", "lock, on an object"),
        new(Ours, "shared-value-add", "SharedValue<long>.Add"),
        new(Ours, "shared-lock-contended", "SharedLock, taken by host and worker"),
        new(C, "mutex", "pthread mutex, PTHREAD_PROCESS_SHARED, taken by two processes"),
        new(Side.Python, "shared-lock", "multiprocessing.Lock, taken by two processes"));
}
