using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary>One run that several tests look at, with everything it writes.</summary>
public sealed class ComputeRun : CompareRuns
{
    /// <summary>The tables, on standard output.</summary>
    public string Output { get; private set; } = "";

    public string Page { get; private set; } = "";

    internal CompareResult Result { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        string json = Path.Combine(Folder.FullName, "result.json"), page = Path.Combine(Folder.FullName, "page.html");
        await using Kern kern = new("compare", Samples.Assembly, "Subject.Compute", "--lines", Lines, "--rounds", "3", "--workers", "2", "--json", json, "--html", page);
        (int code, Output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.Empty(kern.Remains);
        Result = Read(File.ReadAllText(json));
        Page = File.ReadAllText(page);
    }
}
