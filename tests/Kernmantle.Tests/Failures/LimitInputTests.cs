using Kernmantle.Host.Limiting;
using Kernmantle.Host.Limiting.ControlGroups;

namespace Kernmantle.Tests.Failures;

/// <summary>Limits that make no sense, or cannot be enforced, are refused before anything is started.</summary>
public sealed class LimitInputTests
{
    public static TheoryData<Limits, string> Wrong => new()
    {
        { new() { CpuTime = TimeSpan.Zero }, "positive" },
        { new() { CpuTime = TimeSpan.FromSeconds(-1) }, "positive" },
        { new() { WallTime = TimeSpan.FromSeconds(-1) }, "positive" },
        { new() { MemoryBytes = -1 }, "at least 67108864" },
        { new() { MemoryBytes = Limits.MinMemoryBytes - 1 }, "at least 67108864" },
        { new() { Processes = 0 }, "at least 24" },
        { new() { OpenFiles = Limits.MinOpenFiles - 1 }, "at least 128" },
        { new() { OutputBytes = -1 }, "at least 0" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_limit_is_refused_everywhere(Limits limits, string says)
    {
        Assert.Contains(says, Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Processes(1, new() { Limits = limits })).Message, StringComparison.Ordinal);
        Assert.Contains(says, Assert.Throws<ArgumentOutOfRangeException>(() => Worker.OnProcess("w", static () => 1, new ProcessWorkerOptions { Limits = limits })).Message, StringComparison.Ordinal);
        await using WorkerPool pool = WorkerPool.Processes(1);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => pool.With(new() { Limits = limits }).RunAsync(static () => 1));
    }

    [Fact]
    public async Task Contradictions_are_refused()
    {
        TimeSpan one = TimeSpan.FromSeconds(1), two = TimeSpan.FromSeconds(2);
        Assert.Throws<ArgumentException>(() => WorkerPool.Processes(1, new() { Timeout = one, Limits = new() { WallTime = two } }));
        Assert.Throws<ArgumentException>(() => WorkerPool.Processes(1, new() { ManagedHeapLimitBytes = 1 << 30, Limits = new() { MemoryBytes = 1 << 30 } }));
        await using WorkerPool pool = WorkerPool.Processes(1);
        await Assert.ThrowsAsync<ArgumentException>(() => pool.With(new() { Timeout = one, Limits = new() { WallTime = two } }).RunAsync(static () => 1));
        Assert.Equal(1, await pool.With(new() { Timeout = two, Limits = new() { WallTime = two } }).RunAsync(static () => 1));
    }

    [Fact]
    public async Task What_cannot_be_enforced_is_refused_with_the_remedy()
    {
        var limits = new Limits { Processes = 100 };
        PlatformNotSupportedException refusal = Assert.Throws<PlatformNotSupportedException>(() => WorkerPool.Processes(1, new() { UseControlGroups = false, Limits = limits }));
        Assert.Contains("Delegate=yes", refusal.Message, StringComparison.Ordinal);
        await using WorkerPool processes = WorkerPool.Processes(1, new() { UseControlGroups = false });
        await Assert.ThrowsAsync<PlatformNotSupportedException>(() => processes.With(new() { Limits = limits }).RunAsync(static () => 1));
        await using WorkerPool threads = WorkerPool.Threads(1);
        refusal = await Assert.ThrowsAsync<PlatformNotSupportedException>(() => threads.With(new() { Limits = new() { MemoryBytes = 1 << 30 } }).RunAsync(static () => 1));
        Assert.Contains("WorkerPool.Processes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await threads.With(new() { Limits = new() { WallTime = TimeSpan.FromMinutes(1) } }).RunAsync(static () => 1));
    }

    [Fact]
    public async Task The_diagnostics_tell_the_means()
    {
        await using WorkerPool without = WorkerPool.Processes(1, new() { UseControlGroups = false });
        Assert.Equal(LimitMeans.Watch, without.EnforcedLimits.Memory.Means);
        Assert.Equal(LimitMeans.Watch | LimitMeans.ResourceLimit, without.EnforcedLimits.CpuTime.Means);
        Assert.Equal(LimitMeans.None, without.EnforcedLimits.Processes.Means);
        Assert.Equal(LimitMeans.ResourceLimit, without.EnforcedLimits.OpenFiles.Means);
        EnforcedLimits unified = ProcessEnforcement.Of(new Dictionary<string, GroupPlace> { [GroupPlaces.Processes] = new(GroupPlaces.Processes, "/x", IsUnified: true) });
        Assert.Equal(LimitMeans.Watch | LimitMeans.ControlGroupV2, unified.Processes.Means);
        await using WorkerPool threads = WorkerPool.Threads(1);
        Assert.Equal(LimitMeans.Timer, threads.EnforcedLimits.WallTime.Means);
        Assert.Equal(LimitMeans.None, threads.EnforcedLimits.Memory.Means);
    }

    [Fact]
    public void A_retry_factor_below_one_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RetryPolicy.OnMemory(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => RetryPolicy.OnMemory(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => RetryPolicy.OnMemory(double.PositiveInfinity));
    }

    [Fact]
    public void Places_of_version_1_are_below_the_own_group()
    {
        string[] mounts =
        [
            "30 23 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs rw",
            "31 30 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory",
            @"32 30 0:28 /docker/abc /sys/fs/cg\040roup/pids rw - cgroup cgroup rw,pids",
        ];
        var places = GroupPlaces.Find(mounts, ["9:memory:/user/x", "8:pids:/docker/abc/inner", "0::/"], static _ => true);
        Assert.Equal("/sys/fs/cgroup/memory/user/x", places[GroupPlaces.Memory].Folder);
        Assert.Equal("/sys/fs/cg roup/pids/inner", places[GroupPlaces.Processes].Folder);
        Assert.False(places.ContainsKey(GroupPlaces.CpuAccounting));
    }

    [Fact]
    public void A_place_of_version_2_is_the_same_for_all_controllers()
    {
        string[] mounts = ["30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"];
        // The own group has processes, so that memory and pids are not to be had below it, while counting processor time is.
        var places = GroupPlaces.Find(mounts, ["0::/user.slice/app.slice/run-1.scope"], static p => p.Controller == GroupPlaces.CpuAccounting || !p.Folder.EndsWith("scope", StringComparison.Ordinal));
        Assert.All(places.Values, static p => Assert.Equal("/sys/fs/cgroup/user.slice/app.slice", p.Folder));
        Assert.Equal(3, places.Count);
    }
}
