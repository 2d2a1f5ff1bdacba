using System.Diagnostics;
using System.Reflection;
using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Reporting;

namespace Kernmantle.Benchmarks.Tests;

/// <summary>The script that brings a run into the documents, on documents and runs that are made up.</summary>
public sealed class FillPerformanceTests : IDisposable
{
    private const string Begin = "<!-- performance:begin -->\n", End = "<!-- performance:end -->";

    private static readonly string Root = typeof(FillPerformanceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "RepositoryRoot").Value!;

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-fill-").FullName;

    public FillPerformanceTests()
    {
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static path => File.Exists(Path.Combine(path, "python3"))), "python3 is not installed.");
        foreach (string name in (string[])["eng", "docs", "bench/results"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        File.Copy(Path.Combine(Root, "eng", "fill-performance"), Path.Combine(folder, "eng", "fill-performance"));
        foreach (string name in (string[])["README.md", "README.ko.md", "docs/performance.md"])
            File.WriteAllText(Path.Combine(folder, name), $"Before.\n{Begin}old\n{End}\nAfter.\n");
    }

    [Fact]
    public async Task An_accepted_run_fills_the_READMEs_with_the_table_to_choose_by_and_the_page_with_every_goal_and_row()
    {
        Report run = Made(steal: 0);
        Assert.True(run.IsAccepted, string.Join("; ", run.Refusals));
        File.WriteAllText(Path.Combine(folder, "bench", "results", "latest.json"), Json.Of(run));

        Assert.Equal(0, await FillAsync());

        string readme = Section("README.md"), page = Section("docs/performance.md");
        Assert.Equal(readme, Section("README.ko.md"));
        Assert.All(Choices.All, choice => Assert.Contains($"| {choice.What} |", readme));
        Assert.InRange(readme.Split('\n').Count(static line => line.StartsWith("| ", StringComparison.Ordinal)) - 1, 1, Choices.Most);
        Assert.Contains(run.Machine, readme);
        Assert.Contains("a wake-up by futex 50.0 µs", readme);
        Assert.All(run.Goals, goal => Assert.Contains($"| {goal.Goal.Name} | {goal.Here} |", page));
        Assert.All(run.Tables, table => Assert.Contains($"### {table.Title}\n", page));
        Assert.Contains(run.Tally, page);
        Assert.DoesNotContain("before |", page);
        Assert.Equal(0, await FillAsync("--check"));
    }

    [Fact]
    public async Task What_goals_had_reached_before_stands_beside_them()
    {
        Report run = Made(steal: 0);
        string json = Json.Of(run), first = run.Goals[0].Reached;
        string missing = run.Goals.Last(goal => run.Goals.Count(other => other.Goal.Name == goal.Goal.Name) == 1).Goal.Name;
        File.WriteAllText(Path.Combine(folder, "bench", "results", "latest.json"), json);
        File.WriteAllText(Path.Combine(folder, "bench", "results", "before.json"), json.Replace($"\"name\": \"{missing}\"", "\"name\": \"another\"", StringComparison.Ordinal));

        Assert.Equal(0, await FillAsync());

        string[] rows = [.. Section("docs/performance.md").Split('\n').Where(row => run.Goals.Any(goal => row.StartsWith($"| {goal.Goal.Name} | {goal.Here} |", StringComparison.Ordinal)))];
        Assert.EndsWith($" {run.Goals[0].Here}, {first} |", rows[0]);
        Assert.Contains(rows, row => row.StartsWith($"| {missing} |", StringComparison.Ordinal) && row.EndsWith(" - |", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_run_gives_no_document_a_figure_and_says_why()
    {
        File.WriteAllText(Path.Combine(folder, "bench", "results", "latest.json"), Json.Of(Made(steal: 0.2)));

        Assert.Equal(0, await FillAsync());

        Assert.StartsWith("No figures yet: the last recorded run is not accepted as a source of figures (the host of this virtual machine gave 20.0 %", Section("docs/performance.md"));
        Assert.DoesNotContain(" ns", Section("README.md"));
    }

    [Fact]
    public async Task The_check_fails_on_a_document_that_says_something_else_and_changes_nothing()
    {
        File.WriteAllText(Path.Combine(folder, "bench", "results", "latest.json"), Json.Of(Made(steal: 0)));
        Assert.Equal(0, await FillAsync());
        string path = Path.Combine(folder, "README.md"), other = File.ReadAllText(path).Replace("1.00", "0.10", StringComparison.Ordinal);
        File.WriteAllText(path, other);

        Assert.Equal(1, await FillAsync("--check"));

        Assert.Equal(other, File.ReadAllText(path));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Report Made(double steal)
    {
        var results = new Results();
        foreach (Group group in Topics.Groups)
        {
            foreach (Measure measure in group.Measures)
            {
                for (int round = 0; round < 5; round++)
                    results.Add(group, measure, round, new([.. measure.More.Select(static more => more.Metric).Prepend("").Select(static metric => Line.Of(1000, "ns", metric))], null));
            }
        }
        return Report.Of(Topics.Groups, results, Mode.Quick, new([.. Enumerable.Repeat(new Look(120, 50_000, 9e9), 6)], steal, [0, 0, 0, 0, 0], 5, Complete: true), TimeSpan.FromSeconds(300));
    }

    private string Section(string name)
    {
        string text = File.ReadAllText(Path.Combine(folder, name));
        Assert.StartsWith($"Before.\n{Begin}", text);
        Assert.EndsWith($"{End}\nAfter.\n", text);
        return text[(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)..text.IndexOf(End, StringComparison.Ordinal)];
    }

    private async Task<int> FillAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("python3", [Path.Combine(folder, "eng", "fill-performance"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(late.Token);
        TestContext.Current.SendDiagnosticMessage("{0}{1}", await output, await errors);
        return process.ExitCode;
    }
}
