using Kernmantle.LaunchForms.Tests;
using Kernmantle.Tests.Hosting;

[assembly: AssemblyFixture(typeof(ProbeBuild))]

namespace Kernmantle.LaunchForms.Tests;

/// <summary>
/// Publishes tests/Probe, each form once and in a folder of its own, one after the other: they share what was compiled. Everybody can read the folders,
/// which go with the fixture.
/// </summary>
public sealed class ProbeBuild : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-probe-").FullName;
    private readonly Dictionary<string, string> programs = [];
    private readonly SemaphoreSlim turn = new(1);

    public ProbeBuild()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
    }

    public ValueTask DisposeAsync()
    {
        turn.Dispose();
        Directory.Delete(folder, recursive: true);
        return default;
    }

    /// <summary>With its runtime. Returns the path of the program.</summary>
    public Task<string> PublishSelfContainedAsync(params string[] options) => PublishAsync(["-r", "linux-x64", "--self-contained", .. options]);

    public async Task<string> PublishAsync(params string[] options)
    {
        await turn.WaitAsync();
        try
        {
            string form = string.Join(' ', options);
            if (!programs.TryGetValue(form, out string? program))
            {
                string output = Path.Combine(folder, $"{programs.Count}");
                (int exit, string text) = await Programs.RunAsync(
                    "dotnet", ["publish", "tests/Probe", "-nologo", "-v", "q", "-c", "Release", "-o", output, "--artifacts-path", Path.Combine(folder, "artifacts"), .. options]);
                Assert.True(exit == 0, text);
                programs[form] = program = Path.Combine(output, "Probe");
            }
            return program;
        }
        finally
        {
            turn.Release();
        }
    }
}
