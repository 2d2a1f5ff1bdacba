namespace Kernmantle.Tests.Hosting;

/// <summary>Runs of a probe that count how often Main and the user's start-up hook were entered.</summary>
internal sealed class ProbeRuns : IDisposable
{
    private const string Worked = "PROBE from worker True";

    // Folders, with a file of each process, and in it a line for each time.
    private readonly string mainCount = Directory.CreateTempSubdirectory("kernmantle-main-").FullName;
    private readonly string hookCount = Directory.CreateTempSubdirectory("kernmantle-hook-").FullName;

    public void Dispose()
    {
        Directory.Delete(mainCount, recursive: true);
        Directory.Delete(hookCount, recursive: true);
    }

    /// <summary>A call ran in a worker process, and Main once, in the host.</summary>
    public async Task WorksAsync(string file, string[] arguments, string? directory = null, (string Name, string Value)? environment = null) =>
        Assert.Contains(Worked, await EndsAsync(0, file, arguments, directory, environment), StringComparison.Ordinal);

    /// <summary>Main ran once and ended with the exit code. Returns what was written.</summary>
    public async Task<string> EndsAsync(int expected, string file, string[] arguments, string? directory = null, (string Name, string Value)? environment = null)
    {
        var variables = new Dictionary<string, string> { ["PROBE_MAIN_COUNT"] = mainCount, ["PROBE_HOOK_COUNT"] = hookCount };
        if (environment is { } variable)
            variables[variable.Name] = variable.Value;
        (int exit, string text) = await Programs.RunAsync(file, arguments, directory, variables);
        Assert.True(exit == expected, text);
        Assert.Single(await File.ReadAllLinesAsync(Assert.Single(Directory.GetFiles(mainCount))));
        return text;
    }

    /// <summary>In how many processes the user's hook ran.</summary>
    public int HookedProcesses => Directory.GetFiles(hookCount).Length;
}
