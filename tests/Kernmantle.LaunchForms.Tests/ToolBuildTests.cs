using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Tests;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>What <c>kern</c> builds by itself.</summary>
public sealed class ToolBuildTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kern-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Kern_compare_builds_a_folder_with_a_project_first()
    {
        string lines = Path.Combine(folder, "lines");
        File.WriteAllLines(lines, ["1", "2", "3", "4"]);
        string project = Path.Combine(folder, "app");
        Directory.CreateDirectory(project);
        File.WriteAllText(Path.Combine(project, "App.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>
            """);
        string code = Path.Combine(project, "Code.cs");
        File.WriteAllText(code, "static class Code { static int Twice(int n) => 2 * n; }");
        await using (Kern kern = new("compare", project, "Code.Twice", "--lines", lines, "--rounds", "3"))
        {
            (int exitCode, string output, string error) = await kern.EndAsync();
            Assert.Equal((ExitCodes.Success, "kern: building App.csproj\n"), (exitCode, error));
            Assert.Contains("Code.Twice(int)", output, StringComparison.Ordinal);
        }

        File.WriteAllText(code, "static class Code { static int Twice(int n) => 2 * m; }");
        await using Kern broken = new("compare", project, "Code.Twice", "--lines", lines);
        (int brokenCode, _, string said) = await broken.EndAsync();
        Assert.Equal(ExitCodes.WrongUse, brokenCode);
        Assert.Contains("App.csproj does not build: ", said, StringComparison.Ordinal);
        Assert.Contains("CS0103", said, StringComparison.Ordinal);
    }
}
