using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json.Nodes;

namespace Kernmantle.Tests.Hosting;

/// <summary>
/// The ways to start a program that is built: a call runs in a worker process, and Main runs once, in the host. The test host of xunit is proven by every
/// other test of this assembly; what must be published, packed or built first, by tests/Kernmantle.LaunchForms.Tests.
/// </summary>
public sealed class LaunchTests : IDisposable
{
    private static readonly string Probe = Programs.Of("Probe");
    private static readonly string Built = Path.GetDirectoryName(Probe)!;

    private readonly ProbeRuns runs = new();
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-launch-").FullName;

    public void Dispose()
    {
        runs.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public Task Dotnet_with_a_relative_path_works_after_the_host_changed_its_directory() =>
        runs.WorksAsync("dotnet", ["Probe.dll", "chdir"], Built);

    [Fact]
    public Task Dotnet_exec_with_explicit_files_works() =>
        runs.WorksAsync("dotnet", ["exec", "--depsfile", "Probe.deps.json", "--runtimeconfig", "Probe.runtimeconfig.json", "Probe.dll", "chdir"], Built);

    [Fact]
    public Task The_app_host_works_after_the_host_changed_its_directory() => runs.WorksAsync(Probe, ["chdir"], Built);

    [Fact]
    public async Task The_workers_of_an_aspnet_program_do_not_get_the_server_collector()
    {
        string web = Programs.Of("ProbeWeb");
        string text = await runs.EndsAsync(0, web, [], Path.GetDirectoryName(web));
        Assert.Contains("PROBE from web True server GC in worker: False", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_own_start_up_hook_runs_in_the_host_and_in_the_workers()
    {
        await runs.WorksAsync(Probe, [], environment: ("DOTNET_STARTUP_HOOKS", Programs.LibraryOf("UserHook")));
        Assert.Equal(3, runs.HookedProcesses);   // the host and two workers
    }

    [Fact]
    public async Task A_program_with_hooks_switched_off_needs_none()
    {
        await CopyProbeWithoutHooksAsync();
        string text = await runs.EndsAsync(0, Path.Combine(folder, "Probe"), [], folder);
        Assert.Contains("PROBE from worker True", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_needs_a_hook_and_has_them_switched_off_fails_at_creation_with_the_reason()
    {
        await CopyProbeWithoutHooksAsync();
        File.Delete(Path.Combine(folder, "Probe.deps.json"));   // a worker would be given it
        string text = await runs.EndsAsync(3, Path.Combine(folder, "Probe"), [], folder);
        Assert.Contains("StartupHookSupport", text, StringComparison.Ordinal);
    }

    /// <summary>What the host makes sure of beforehand goes wrong here: the process is to be a worker, and nothing of the library comes before Main.</summary>
    [Fact]
    public async Task A_program_whose_main_is_entered_in_a_worker_ends_before_it_can_start_others()
    {
        (int exit, string text) = await Programs.RunAsync(Probe, [], Built, new Dictionary<string, string> { ["KERNMANTLE_WORKER"] = "3 1 0" });
        Assert.Equal(97, exit);
        Assert.Contains("the program's own Main did", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_inside_a_worker_works_and_one_inside_that_is_refused()
    {
        string text = await runs.EndsAsync(0, Probe, ["nested"], Built);
        Assert.Contains("nested once, then:", text, StringComparison.Ordinal);
        Assert.Contains("MaxDepth", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_that_changed_on_disk_since_the_host_started_is_refused_by_name()
    {
        CopyProbe();
        string other = Path.Combine(folder, "other.dll");
        await File.WriteAllBytesAsync(other, BuiltAgain(await File.ReadAllBytesAsync(Path.Combine(folder, "Probe.dll"))));
        string text = await runs.EndsAsync(3, Path.Combine(folder, "Probe"), ["replace", other], folder);
        Assert.Contains("FunctionUnavailableException", text, StringComparison.Ordinal);
        Assert.Contains("Probe", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kernmantle.dll")]
    [InlineData("Probe.dll")]
    public async Task An_assembly_that_is_gone_breaks_the_pool_with_the_cause(string library)
    {
        CopyProbe();
        string text = await runs.EndsAsync(3, Path.Combine(folder, "Probe"), ["remove", library], folder);
        Assert.Contains("PoolBrokenException", text, StringComparison.Ordinal);
    }

    private async Task CopyProbeWithoutHooksAsync()
    {
        CopyProbe();
        string config = Path.Combine(folder, "Probe.runtimeconfig.json");
        JsonNode json = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        (json["runtimeOptions"]!["configProperties"] ??= new JsonObject())["System.StartupHookProvider.IsSupported"] = false;
        await File.WriteAllTextAsync(config, json.ToJsonString());
    }

    /// <summary>The probe in a folder of this test, to be spoiled.</summary>
    private void CopyProbe()
    {
        foreach (string file in Directory.GetFiles(Built))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    /// <summary>With another module version id, which is what every build of changed code has.</summary>
    private static byte[] BuiltAgain(byte[] library)
    {
        using var reader = new PEReader([.. library]);
        MetadataReader metadata = reader.GetMetadataReader();
        Guid version = metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
        Span<byte> place = library.AsSpan(library.AsSpan().IndexOf(version.ToByteArray()), 16);
        Guid.NewGuid().TryWriteBytes(place);
        return library;
    }
}
