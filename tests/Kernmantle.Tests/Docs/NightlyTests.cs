using System.Diagnostics;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Docs;

/// <summary>What eng/nightly says of portions that have ended, on made-up ones.</summary>
public sealed class NightlyTests : IDisposable
{
    private const string Portion = """{"when": "2026-11-30T01:02:03Z", "commit": "abc", "part": "kills", "seed": 1, "seconds": 90.0, "processors": 2, "load": 3.4, "done": 1000, "kills": 1000, "calls": 5000, "failed": false, "exit": 0}""";
    private const string Failed = """{"when": "2026-11-30T02:02:03Z", "commit": "abc", "part": "kills", "seed": 2, "seconds": 30.0, "processors": 2, "load": 8.6, "done": 750, "kills": 750, "calls": 20, "failed": true, "exit": 2}""";
    private const string Soak = """{"when": "2026-11-30T03:02:03Z", "commit": "def", "part": "chaos", "seed": 3, "seconds": 120.0, "processors": 2, "load": 5.0, "done": 2, "kills": 7, "calls": 9, "lost": 0, "doubled": 1, "leaked": 2, "failed": true, "exit": 1}""";

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-nightly-").FullName;

    private string Document => Path.Combine(folder, "docs", "reliability.md");

    public NightlyTests()
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static path => File.Exists(Path.Combine(path, "python3"))), "python3 is not installed.");
        Directory.CreateDirectory(Path.Combine(folder, "docs"));
        Directory.CreateDirectory(Path.Combine(folder, "eng"));
        File.Copy(Path.Combine(Programs.Root, "eng", "nightly"), Path.Combine(folder, "eng", "nightly"));
        File.WriteAllText(Document, "Before.\n<!-- nightly:begin -->\nold\n<!-- nightly:end -->\nAfter.\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Totals_of_each_part_and_commit_stand_in_the_document()
    {
        string report = await ReportAsync($"{Portion}\n{Failed}\n{Soak}\n", "--write");
        Assert.Contains("| kills | abc | 1,750 kills | 100,000 | 2 | 2.0 | 1,750 | 5,020 |  |  |  | 1 |\n", report);
        Assert.Contains("| chaos | def | 2 minutes | 30 | 1 | 2.0 | 7 | 9 | 0 | 1 | 2 | 1 |\n", report);
        Assert.Contains("2026-11-30, on 2 processors, under a load of 3 to 9.", report);
        Assert.Equal($"Before.\n<!-- nightly:begin -->\n{report}<!-- nightly:end -->\nAfter.\n", File.ReadAllText(Document));
    }

    [Fact]
    public async Task A_line_that_was_being_written_when_the_machine_went_down_is_left_out()
    {
        Assert.Equal(await ReportAsync($"{Portion}\n"), await ReportAsync($"{Portion}\n{Failed[..40]}"));
        Assert.Contains("old", File.ReadAllText(Document));
    }

    private async Task<string> ReportAsync(string lines, params string[] more)
    {
        string state = Path.Combine(folder, "state.jsonl");
        File.WriteAllText(state, lines);
        using Process script = Process.Start(new ProcessStartInfo(Path.Combine(folder, "eng", "nightly"), ["--report", "--state", state, .. more]) { RedirectStandardOutput = true })!;
        string said = await script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, script.ExitCode);
        return said;
    }
}
