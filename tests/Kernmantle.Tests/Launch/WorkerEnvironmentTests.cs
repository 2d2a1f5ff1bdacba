using Kernmantle.Host.Launch;
using Kernmantle.Wire.Start;
using Xunit;

namespace Kernmantle.Tests.Launch;

public sealed class WorkerEnvironmentTests
{
    private const string Hook = "/app/Kernmantle.dll";

    private static readonly Dictionary<string, string> Host = new()
    {
        ["PATH"] = "/bin",
        ["SECRET"] = "s",
        ["WANTED"] = "w",
        ["DOTNET_ROOT"] = "/dotnet",
        ["LC_ALL"] = "C.UTF-8",
    };

    [Fact]
    public void A_worker_inherits_everything_unless_told_otherwise()
    {
        Dictionary<string, string> built = Build(new() { WorkerName = "w" });
        Assert.All(Host, variable => Assert.Equal(variable.Value, built[variable.Key]));
        Assert.Equal(Hook, built["DOTNET_STARTUP_HOOKS"]);
        Assert.Equal("3 42 0", built["KERNMANTLE_WORKER"]);
        Assert.Equal("0", built["DOTNET_gcServer"]);
        Assert.Equal("0", built["DOTNET_gcConcurrent"]);
        Assert.DoesNotContain("DOTNET_GCHeapHardLimit", built.Keys);
    }

    [Fact]
    public void Passing_named_variables_keeps_secrets_back_but_not_what_the_runtime_needs()
    {
        Dictionary<string, string> built = Build(new() { WorkerName = "w", PassedVariables = ["WANTED", "MISSING"] });
        Assert.DoesNotContain("SECRET", built.Keys);
        Assert.DoesNotContain("MISSING", built.Keys);
        Assert.Equal(["/bin", "w", "/dotnet", "C.UTF-8"], [built["PATH"], built["WANTED"], built["DOTNET_ROOT"], built["LC_ALL"]]);
    }

    [Theory]
    [InlineData("DOTNET_DiagnosticPorts")]
    [InlineData("CORECLR_ENABLE_PROFILING")]
    [InlineData("CORECLR_PROFILER_PATH_64")]
    [InlineData("COR_PROFILER")]
    [InlineData("DOTNET_WATCH")]
    [InlineData("DOTNET_WATCH_ITERATION")]
    [InlineData("DOTNET_HOTRELOAD_NAMEDPIPE_NAME")]
    [InlineData("DOTNET_MODIFIABLE_ASSEMBLIES")]
    [InlineData("DOTNET_EventPipeOutputPath")]
    public void What_belongs_to_one_process_is_not_inherited_but_may_be_set(string name)
    {
        Assert.DoesNotContain(name, Build(new() { WorkerName = "w" }, (name, "1")).Keys);
        Assert.Equal("2", Build(new() { WorkerName = "w", Environment = Set((name, "2")) }, (name, "1"))[name]);
    }

    [Fact]
    public void The_caller_sets_and_removes()
    {
        Dictionary<string, string> built = Build(new() { WorkerName = "w", Environment = Set(("SECRET", null), ("NEW", "n"), ("WANTED", "other")) });
        Assert.DoesNotContain("SECRET", built.Keys);
        Assert.Equal(["n", "other"], [built["NEW"], built["WANTED"]]);
    }

    [Fact]
    public void Arrays_of_some_MiB_begin_in_generation_0_unless_somebody_says_otherwise()
    {
        string[] ours = ["DOTNET_GCRegionSize", "DOTNET_GCLOHThreshold"];
        Assert.Equal(["800000", "780000"], ours.Select(Build(new() { WorkerName = "w" }).GetValueOrDefault));
        Assert.Equal([null, "20000"], ours.Select(Build(new() { WorkerName = "w", Environment = Set(("DOTNET_GCLOHThreshold", "20000")) }).GetValueOrDefault));
        Assert.Equal([null, null], ours.Select(Build(new() { WorkerName = "w", ManagedHeapLimitBytes = 64 << 20 }).GetValueOrDefault));
        foreach (string theirs in (string[])["DOTNET_GCHeapHardLimit", "COMPlus_GCHeapHardLimitPercent", "DOTNET_GCRegionRange", "DOTNET_GCName"])
            Assert.Equal([null, null], ours.Select(Build(new() { WorkerName = "w" }, (theirs, "1000")).GetValueOrDefault));
    }

    [Fact]
    public void The_callers_word_on_the_runtime_stands()
    {
        Dictionary<string, string> built = Build(new()
        {
            WorkerName = "w",
            ProcessorShare = 2,
            Environment = Set(("DOTNET_gcServer", "1"), ("OMP_NUM_THREADS", "9"), ("MKL_NUM_THREADS", null)),
        });
        Assert.Equal(["1", "9", "2"], [built["DOTNET_gcServer"], built["OMP_NUM_THREADS"], built["DOTNET_PROCESSOR_COUNT"]]);
        Assert.DoesNotContain("MKL_NUM_THREADS", built.Keys);
    }

    [Theory]
    [InlineData(null, "4")]
    [InlineData("2", "2")]
    [InlineData("16", "4")]
    [InlineData("0", "4")]
    [InlineData("8,2", "4")]
    public void A_share_is_never_more_than_the_host_itself_was_given(string? inherited, string expected)
    {
        (string, string)[] host = inherited is null ? [] : [("OMP_NUM_THREADS", inherited)];
        Assert.Equal(expected, Build(new() { WorkerName = "w", ProcessorShare = 4 }, host)["OMP_NUM_THREADS"]);
    }

    [Fact]
    public void The_users_hooks_follow_ours_and_are_put_back()
    {
        Dictionary<string, string> built = Build(new() { WorkerName = "w" }, ("DOTNET_STARTUP_HOOKS", $"/u/a.dll:{Hook}:/sdk/Microsoft.Extensions.DotNetDeltaApplier.dll:B"));
        Assert.Equal($"{Hook}:/u/a.dll:B", built["DOTNET_STARTUP_HOOKS"]);
        Assert.Contains(new("DOTNET_STARTUP_HOOKS", "/u/a.dll:B"), RestoreList.Parse(built["KERNMANTLE_RESTORE"]));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("/u/a.dll", false)]
    [InlineData("/sdk/Microsoft.Extensions.DotNetDeltaApplier.dll", true)]
    public void Who_can_be_started_without_a_hook_has_none_unless_the_user_has(string? hooks, bool expected)
    {
        var host = new Dictionary<string, string>(Host);
        if (hooks is not null)
            host["DOTNET_STARTUP_HOOKS"] = hooks;
        Dictionary<string, string> built = WorkerEnvironment.Build(new() { WorkerName = "w" }, host, Hook, new(3, 42), canStartDirectly: true, out bool direct);
        Assert.Equal(expected, direct);
        Assert.Equal(expected ? null : $"{Hook}:{hooks}", built.GetValueOrDefault("DOTNET_STARTUP_HOOKS"));
    }

    [Fact]
    public void A_heap_limit_is_for_the_worker_and_not_for_its_children()
    {
        Dictionary<string, string> built = Build(
            new() { WorkerName = "w", ManagedHeapLimitBytes = 64 << 20 },
            ("DOTNET_GCHeapHardLimit", "40000000"),
            ("DOTNET_GCHeapHardLimitPercent", "50"));
        Assert.Equal("4000000", built["DOTNET_GCHeapHardLimit"]);
        Assert.DoesNotContain("DOTNET_GCHeapHardLimitPercent", built.Keys);
        Assert.Contains(new("DOTNET_GCHeapHardLimit", "40000000"), RestoreList.Parse(built["KERNMANTLE_RESTORE"]));
        Assert.Contains(new("DOTNET_GCHeapHardLimitPercent", "50"), RestoreList.Parse(built["KERNMANTLE_RESTORE"]));
    }

    [Fact]
    public void A_heap_limit_with_which_the_runtime_does_not_start_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(new() { WorkerName = "w", ManagedHeapLimitBytes = (4 << 20) - 1 }));

    [Fact]
    public void The_depth_is_counted_and_cannot_be_set()
    {
        Assert.Equal("2", Build(new() { WorkerName = "w", Depth = 2, Environment = Set(("KERNMANTLE_DEPTH", "0"), ("KERNMANTLE_WORKER", "9 9")) }, ("KERNMANTLE_DEPTH", "1"))["KERNMANTLE_DEPTH"]);
        Assert.Equal([0, 1, 12], [SpawnDepth.Parse(null), SpawnDepth.Parse("1"), SpawnDepth.Parse("12")]);
        Assert.True(SpawnDepth.Parse("-1") > 1000);
        Assert.True(SpawnDepth.Parse("many") > 1000);
    }

    [Fact]
    public void The_limit_of_nesting_names_the_depth_and_the_option()
    {
        SpawnDepth.Check(1, 2);
        string message = Assert.Throws<InvalidOperationException>(static () => SpawnDepth.Check(2, 2)).Message;
        Assert.Contains("2 deep", message, StringComparison.Ordinal);
        Assert.Contains("ProcessPoolOptions.MaxDepth", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restore_list_keeps_values_empty_ones_and_removals_apart()
    {
        KeyValuePair<string, string?>[] list = [new("A", "1=2:3"), new("B", null), new("C", "")];
        Assert.Equal(list, RestoreList.Parse(RestoreList.Format(list)));
        Assert.Empty(RestoreList.Parse(null));
    }

    [Theory]
    [InlineData("3 42 65536", true)]
    [InlineData("3", false)]
    [InlineData("", false)]
    [InlineData("-3 42 0", false)]
    [InlineData("3 42", false)]
    public void A_ticket_is_three_numbers(string text, bool valid)
    {
        Assert.Equal(valid, WorkerTicket.TryParse(text, out WorkerTicket ticket));
        Assert.Equal(valid ? new WorkerTicket(3, 42, 65536) : default, ticket);
    }

    private static Dictionary<string, string> Build(LaunchRequest request, params (string Name, string Value)[] more)
    {
        var host = new Dictionary<string, string>(Host);
        foreach ((string name, string value) in more)
            host[name] = value;
        return WorkerEnvironment.Build(request, host, Hook, new(3, 42), canStartDirectly: false, out _);
    }

    private static Dictionary<string, string?> Set(params (string Name, string? Value)[] variables) => variables.ToDictionary(static v => v.Name, static v => v.Value);
}
