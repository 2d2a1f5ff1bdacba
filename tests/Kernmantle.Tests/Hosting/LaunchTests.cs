using System.Text.Json.Nodes;

namespace Kernmantle.Tests.Hosting;

/// <summary>
/// The ways to start a program, each for real: a call runs in a worker process, and Main runs once, in the host. The test host
/// of xunit is proven by every other test of this assembly.
/// </summary>
public sealed class LaunchTests(ProbeBuild build) : IClassFixture<ProbeBuild>, IDisposable
{
    private const string Worked = "PROBE from worker True";

    private readonly string mainCount = Path.GetTempFileName();
    private readonly string hookCount = Path.GetTempFileName();

    public void Dispose()
    {
        File.Delete(mainCount);
        File.Delete(hookCount);
    }

    [Fact]
    public Task Dotnet_with_a_relative_path_after_the_host_changed_its_directory() =>
        WorksAsync("dotnet", ["Probe.dll", "chdir"], build.Plain);

    [Fact]
    public Task Dotnet_exec_with_explicit_files() =>
        WorksAsync("dotnet", ["exec", "--depsfile", "Probe.deps.json", "--runtimeconfig", "Probe.runtimeconfig.json", "Probe.dll", "chdir"], build.Plain);

    [Fact]
    public Task The_app_host_by_a_relative_path_after_the_host_changed_its_directory() =>
        WorksAsync(Path.Combine(build.Plain, "Probe"), ["chdir"], build.Plain);

    [Fact]
    public async Task Published_depending_on_the_framework() =>
        await WorksAsync(Path.Combine(await build.BuildAsync("tests/Probe", "fdd", "publish"), "Probe"), []);

    [Fact]
    public async Task Self_contained() =>
        await WorksAsync(Path.Combine(await build.BuildAsync("tests/Probe", "sc", "publish", "-r", "linux-x64", "--self-contained"), "Probe"), []);

    [Fact]
    public async Task Single_file() =>
        await WorksAsync(Path.Combine(await build.BuildAsync("tests/Probe", "sf", "publish", "-r", "linux-x64", "--self-contained", "-p:PublishSingleFile=true"), "Probe"), []);

    [Fact]
    public async Task Trimmed() =>
        await WorksAsync(Path.Combine(await build.BuildAsync("tests/Probe", "trim", "publish", "-r", "linux-x64", "--self-contained", "-p:PublishTrimmed=true", "-p:SuppressTrimAnalysisWarnings=true"), "Probe"), []);

    [Fact]
    public async Task The_older_test_host()
    {
        string folder = await build.BuildAsync("tests/VsTestHost", "vstest", "build");
        (int exit, string text) = await Programs.RunAsync("dotnet", ["vstest", Path.Combine(folder, "VsTestHost.dll")], folder);
        Assert.True(exit == 0, text);
        Assert.Matches(@"Passed:\s+1\b", text);
    }

    [Fact]
    public async Task An_aspnet_program_whose_workers_do_not_get_the_server_collector()
    {
        string folder = await build.BuildAsync("tests/ProbeWeb", "web", "build");
        (int exit, string text) = await Programs.RunAsync(Path.Combine(folder, "ProbeWeb"), [], folder, Counting());
        Assert.True(exit == 0, text);
        Assert.Contains("PROBE from web True server GC in worker: False", text, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    [Fact]
    public async Task A_users_own_start_up_hook_runs_in_the_host_and_in_the_workers()
    {
        string hook = await build.BuildAsync("tests/UserHook", "hook", "build");
        await WorksAsync(Path.Combine(build.Plain, "Probe"), [], environment: ("DOTNET_STARTUP_HOOKS", Path.Combine(hook, "UserHook.dll")));
        Assert.Equal(3, (await File.ReadAllLinesAsync(hookCount)).Distinct().Count());   // the host and two workers
    }

    [Fact]
    public async Task A_file_based_program()
    {
        string file = await FileBasedAsync("#:property StartupHookSupport=true\n");
        await WorksAsync("dotnet", ["run", file], Path.GetDirectoryName(file));
    }

    [Fact]
    public async Task A_file_based_program_without_hooks_fails_at_creation_with_the_reason()
    {
        string file = await FileBasedAsync("");
        (int exit, string text) = await Programs.RunAsync("dotnet", ["run", file], Path.GetDirectoryName(file), Counting());
        Assert.True(exit == 3, text);
        Assert.Contains("PlatformNotSupportedException", text, StringComparison.Ordinal);
        Assert.Contains("StartupHookSupport", text, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    [Fact]
    public async Task A_program_with_hooks_switched_off_fails_at_creation_with_the_reason()
    {
        string folder = Path.Combine(build.Folder, "off");
        Copy(build.Plain, folder);
        string config = Path.Combine(folder, "Probe.runtimeconfig.json");
        JsonNode json = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        (json["runtimeOptions"]!["configProperties"] ??= new JsonObject())["System.StartupHookProvider.IsSupported"] = false;
        await File.WriteAllTextAsync(config, json.ToJsonString());
        (int exit, string text) = await Programs.RunAsync(Path.Combine(folder, "Probe"), [], folder, Counting());
        Assert.True(exit == 3, text);
        Assert.Contains("StartupHookSupport", text, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    [Fact]
    public async Task A_pool_inside_a_worker_works_and_one_inside_that_is_refused()
    {
        (int exit, string text) = await Programs.RunAsync(Path.Combine(build.Plain, "Probe"), ["nested"], build.Plain, Counting());
        Assert.True(exit == 0, text);
        Assert.Contains("nested once, then:", text, StringComparison.Ordinal);
        Assert.Contains("MaxDepth", text, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    [Fact]
    public async Task Code_that_changed_on_disk_since_the_host_started_is_refused_by_name()
    {
        string folder = Path.Combine(build.Folder, "replaced"), other = await build.BuildAsync("tests/Probe", "other", "build", "-p:AssemblyVersion=2.0.0.0");
        Copy(build.Plain, folder);
        (int exit, string text) = await Programs.RunAsync(Path.Combine(folder, "Probe"), ["replace", Path.Combine(other, "Probe.dll")], folder, Counting());
        Assert.True(exit == 3, text);
        Assert.Contains("FunctionUnavailableException", text, StringComparison.Ordinal);
        Assert.Contains("Probe", text, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    [Theory]
    [InlineData("Kernmantle.dll")]
    [InlineData("Probe.dll")]
    public async Task An_assembly_that_is_gone_breaks_the_pool_with_the_cause(string library)
    {
        string folder = Path.Combine(build.Folder, $"without-{library}");
        Copy(build.Plain, folder);
        (int exit, string text) = await Programs.RunAsync(Path.Combine(folder, "Probe"), ["remove", library], folder, Counting());
        Assert.True(exit == 3, text);
        Assert.Contains("PoolBrokenException", text, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    private async Task WorksAsync(string file, string[] arguments, string? directory = null, (string Name, string Value)? environment = null)
    {
        Dictionary<string, string> variables = Counting();
        if (environment is { } variable)
            variables[variable.Name] = variable.Value;
        (int exit, string text) = await Programs.RunAsync(file, arguments, directory, variables);
        Assert.True(exit == 0 && text.Contains(Worked, StringComparison.Ordinal), text);
        Assert.Single(await File.ReadAllLinesAsync(mainCount));
    }

    private Dictionary<string, string> Counting() => new() { ["PROBE_MAIN_COUNT"] = mainCount, ["PROBE_HOOK_COUNT"] = hookCount };

    private async Task<string> FileBasedAsync(string properties)
    {
        string folder = Directory.CreateDirectory(Path.Combine(build.Folder, Guid.NewGuid().ToString("N"))).FullName;
        string source = await File.ReadAllTextAsync(Path.Combine(Programs.Root, "tests", "Probe", "Program.cs"));
        string file = Path.Combine(folder, "probe.cs");
        await File.WriteAllTextAsync(file, $"#:project {Path.Combine(Programs.Root, "src", "Kernmantle", "Kernmantle.csproj")}\n{properties}{source}");
        return file;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
