using Kernmantle.Tests.Hosting;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>Programs of one file, which <c>dotnet run</c> builds.</summary>
public sealed class FileBasedTests : IDisposable
{
    private readonly ProbeRuns runs = new();
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-file-").FullName;

    public void Dispose()
    {
        runs.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_file_based_program_works() =>
        await runs.WorksAsync("dotnet", ["run", await WriteAsync("#:property StartupHookSupport=true\n")], folder);

    [Fact]
    public async Task A_file_based_program_without_hooks_works_as_it_needs_none() => await runs.WorksAsync("dotnet", ["run", await WriteAsync("")], folder);

    private async Task<string> WriteAsync(string properties)
    {
        string source = await File.ReadAllTextAsync(Path.Combine(Programs.Root, "tests", "Probe", "Program.cs"));
        string file = Path.Combine(folder, "probe.cs");
        await File.WriteAllTextAsync(file, $"#:project {Path.Combine(Programs.Root, "src", "Kernmantle", "Kernmantle.csproj")}\n{properties}{source}");
        return file;
    }
}
