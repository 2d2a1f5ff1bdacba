namespace Kernmantle.Tests.Hosting;

/// <summary>Builds of the probe programs, each in a folder of its own that goes with the fixture.</summary>
public sealed class ProbeBuild : IAsyncLifetime
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("kernmantle-probe-").FullName;

    /// <summary>The folder with Probe.dll and its app host, built and not published.</summary>
    public string Plain => Path.Combine(Folder, "plain");

    public async ValueTask InitializeAsync() => await BuildAsync("tests/Probe", "plain", "build");

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return default;
    }

    /// <summary>Builds or publishes a project into a folder and returns that.</summary>
    public async Task<string> BuildAsync(string project, string name, string verb, params string[] arguments)
    {
        string output = Path.Combine(Folder, name);
        (int exit, string text) = await Programs.RunAsync(
            "dotnet",
            [verb, project, "-nologo", "-v", "q", "-c", "Release", "-o", output, "--artifacts-path", Path.Combine(Folder, $"{name}-obj"), .. arguments]);
        Assert.True(exit == 0, text);
        return output;
    }
}
