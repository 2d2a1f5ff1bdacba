using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>The samples, built as their users build them, in a folder that goes with the fixture.</summary>
public sealed class SampleBuild : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-samples-").FullName;

    public string First => Path.Combine(folder, "First", "First");

    public string AssemblySurvey => Path.Combine(folder, "AssemblySurvey", "AssemblySurvey");

    public async ValueTask InitializeAsync()
    {
        await BuildAsync("First");
        await BuildAsync("AssemblySurvey");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return default;
    }

    private async Task BuildAsync(string sample)
    {
        (int exit, string text) = await Programs.RunAsync(
            "dotnet",
            ["build", $"samples/{sample}", "-nologo", "-v", "q", "-c", "Release", "-o", Path.Combine(folder, sample), "--artifacts-path", Path.Combine(folder, $"{sample}-obj")]);
        Assert.True(exit == 0, text);
    }
}
