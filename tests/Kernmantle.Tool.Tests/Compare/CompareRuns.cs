using System.Text.Json;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Lab.Report;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary>Runs of <c>kern compare</c>, with a folder that goes with the test and four lines of input in it.</summary>
public abstract class CompareRuns : IAsyncLifetime
{
    protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("kern-test-");

    public virtual ValueTask InitializeAsync()
    {
        File.WriteAllLines(Lines, ["1", "2", "3", "4"]);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected string Lines => Path.Combine(Folder.FullName, "lines");

    /// <summary>With one worker, where the arguments name no other number: each is a process more to start.</summary>
    private protected static async Task<CompareResult> ResultAsync(int exitCode, string[] arguments)
    {
        string[] workers = arguments.Contains("--workers") ? [] : ["--workers", "1"];
        await using Kern kern = new(["compare", .. arguments, .. workers, "--rounds", "3", "--json", "-"]);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((exitCode, ""), (code, error));
        Assert.Empty(kern.Remains);
        return Read(output);
    }

    private protected static CompareResult Read(string json) => JsonSerializer.Deserialize<CompareResult>(json, JsonReport.Format)!;
}
