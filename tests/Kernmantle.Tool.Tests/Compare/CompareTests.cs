using System.Net;
using System.Text.Json;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Lab.Report;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary><c>kern compare</c> from outside, on methods good and bad. What is fast is not asserted.</summary>
public sealed class CompareTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-test-");

    public ValueTask InitializeAsync()
    {
        File.WriteAllLines(Lines, ["1", "2", "3", "4"]);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private string Lines => Path.Combine(folder.FullName, "lines");

    [Theory]
    [InlineData("Subject.Compute")]
    [InlineData("Subject.Count")]
    [InlineData("Subject.Hidden")]
    public async Task A_method_runs_in_every_place(string method)
    {
        CompareResult result = await CompareAsync(ExitCodes.Success, method, "--lines", Lines);
        Assert.Equal([Place.Sequential, Place.Threads, Place.Processes, Place.GlobalLock], result.Places.Select(static place => place.Place));
        Assert.All(result.Places, static place =>
        {
            Assert.Equal((PlaceEnd.Ran, 0, Agreement.Same), (place.End, place.Failures, place.Results));
            Assert.Equal(3, place.Rounds.Count);
            Assert.All(place.Rounds, static round => Assert.True(round is { WallSeconds: > 0, CpuSeconds: > 0, PeakBytes: > 1 << 20, AllocatedBytes: > 0, GcPauseSeconds: >= 0, Switches: >= 0 }, $"{round}"));
        });
        Assert.NotNull(result.Advice.Place);
        Assert.Equal(4, result.Question.Calls);
    }

    [Fact]
    public async Task What_the_processes_compute_is_seen_here()
    {
        CompareResult result = await CompareAsync(ExitCodes.Success, "Subject.Compute", "--lines", Lines);
        double Cpu(Place place) => result.Places.Single(measured => measured.Place == place).Cpu().Median;
        // The same work: far more than the pool's own, if the workers were not counted.
        Assert.True(Cpu(Place.Processes) > Cpu(Place.Sequential) / 2, $"{Cpu(Place.Processes)} s of {Cpu(Place.Sequential)} s");
    }

    [Fact]
    public async Task An_asynchronous_method_is_run_on_an_event_loop_too()
    {
        CompareResult result = await CompareAsync(ExitCodes.Success, "Subject.WaitAsync", "--lines", Lines);
        Assert.Equal(Place.EventLoop, result.Places[^1].Place);
        Assert.All(result.Places, static place => Assert.Equal((PlaceEnd.Ran, Agreement.Same), (place.End, place.Results)));
    }

    [Fact]
    public async Task A_method_without_argument_or_result_runs_and_so_does_one_of_json()
    {
        CompareResult once = await CompareAsync(ExitCodes.Success, "Subject.WaitOnceAsync", "--calls", "3");
        Assert.Equal(3, once.Question.Calls);
        string orders = Path.Combine(folder.FullName, "orders.jsonl");
        File.WriteAllText(orders, """{"name": "a", "count": 3}""");
        CompareResult json = await CompareAsync(ExitCodes.Success, "Subject.Double", "--json", orders);
        Assert.All(json.Places, static place => Assert.Equal((0, Agreement.Same), (place.Failures, place.Results)));
    }

    [Fact]
    public async Task A_crash_ends_the_program_in_all_places_but_processes()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.OverflowAtThree", "--lines", Lines);
        Assert.All(result.Places.Where(static place => place.Place != Place.Processes), static place =>
        {
            Assert.Equal(PlaceEnd.EndsProgram, place.End);
            Assert.Contains("stack overflow", place.Message, StringComparison.OrdinalIgnoreCase);
        });
        PlaceMeasured processes = result.Places.Single(static place => place.Place == Place.Processes);
        Assert.Equal((PlaceEnd.Ran, 1), (processes.End, processes.Failures));
        Assert.Equal(Place.Processes, result.Advice.Place);
    }

    [Fact]
    public async Task What_never_ends_is_ended()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.NeverEnds", "--timeout", "3");
        Assert.All(result.Places, static place => Assert.Equal(PlaceEnd.NeverEnds, place.End));
        Assert.Null(result.Advice.Place);
    }

    [Fact]
    public async Task Calls_that_throw_are_counted_and_the_first_is_told()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.ThrowAtThree", "--lines", Lines);
        Assert.All(result.Places, static place => Assert.Equal((1, "InvalidOperationException: three", Agreement.Same), (place.Failures, place.FirstFailure, place.Results)));
    }

    [Fact]
    public async Task A_result_that_cannot_cross_fails_in_processes_alone()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.Open", "--lines", Lines);
        Assert.Equal([0, 0, 4, 0], result.Places.Select(static place => place.Failures));
        Assert.Contains("cannot cross", result.Places[2].FirstFailure, StringComparison.Ordinal);
        Assert.NotEqual(Place.Processes, result.Advice.Place);
    }

    [Fact]
    public async Task Other_results_are_seen_and_shown()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.Whereabouts", "--lines", Lines);
        Assert.Equal([Agreement.Same, Agreement.Differ, Agreement.Differ, Agreement.Differ], result.Places.Select(static place => place.Results));
        Assert.Matches("^input 1 .* gives \"1 in [0-9]+\" instead of \"1 in [0-9]+\"$", result.Places[1].Difference);
    }

    [Fact]
    public async Task Results_that_vary_are_not_compared()
    {
        CompareResult result = await CompareAsync(ExitCodes.Success, "Subject.Number", "--calls", "2");
        Assert.All(result.Places, static place => Assert.Equal(Agreement.Vary, place.Results));
    }

    [Fact]
    public async Task What_is_printed_goes_to_the_log_and_the_table_stays_whole()
    {
        await using Kern kern = new("compare", Samples.Assembly, "Subject.Print", "--lines", Lines, "--rounds", "3");
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.DoesNotContain("printed", output, StringComparison.Ordinal);
        Assert.Contains("| sequential ", output, StringComparison.Ordinal);
        Assert.Empty(kern.Remains);

        await using Kern verbose = new("compare", Samples.Assembly, "Subject.Print", "--lines", Lines, "--rounds", "3", "--verbose");
        (_, output, error) = await verbose.EndAsync();
        Assert.DoesNotContain("printed", output, StringComparison.Ordinal);
        Assert.Contains("printed 3", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_has_the_figures_and_the_recommendation()
    {
        string page = Path.Combine(folder.FullName, "page.html");
        await using Kern kern = new("compare", Samples.Assembly, "Subject.Compute", "--lines", Lines, "--rounds", "3", "--html", page);
        (int code, string output, _) = await kern.EndAsync();
        Assert.Equal(ExitCodes.Success, code);
        string html = WebUtility.HtmlDecode(File.ReadAllText(page));
        Assert.Contains("<title>kern compare</title>", html, StringComparison.Ordinal);
        Assert.Contains("data-plot=\"compare-wall\"", html, StringComparison.Ordinal);
        Assert.Contains(output.TrimEnd().Split('\n')[^1][..40], html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no file", "/nowhere/app.dll", "A.B")]
    [InlineData("No method is named", "SUBJECT")]
    [InlineData("is not a .NET assembly", "SCRIPT.x", "A.B")]
    [InlineData("--rounds must be 3 or more", "SUBJECT", "Subject.Constant", "--rounds", "1")]
    [InlineData("Did you mean 'Constant'", "SUBJECT", "Subject.Constat")]
    [InlineData("There is no file '/nowhere.py'", "/nowhere.py:f")]
    [InlineData("names no function", "SCRIPT")]
    [InlineData("Did you mean 'count'", "SCRIPT:cont")]
    [InlineData("takes 2 arguments, and gets 0", "SCRIPT:two")]
    public async Task Wrong_use_is_one_line_with_the_remedy(string part, params string[] arguments)
    {
        string text = Path.Combine(folder.FullName, "text.x");
        File.WriteAllText(text, "no assembly");
        string[] words = [.. arguments.Select(argument => argument.Replace("SUBJECT", Samples.Assembly, StringComparison.Ordinal).Replace("SCRIPT.x", text, StringComparison.Ordinal).Replace("SCRIPT", Samples.Script, StringComparison.Ordinal))];
        await using Kern kern = new(["compare", .. words]);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.WrongUse, ""), (code, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Empty(kern.Remains);
    }

    [Fact]
    public async Task A_folder_with_a_project_is_built_first()
    {
        string project = Path.Combine(folder.FullName, "app");
        Directory.CreateDirectory(project);
        File.WriteAllText(Path.Combine(project, "App.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>
            """);
        string code = Path.Combine(project, "Code.cs");
        File.WriteAllText(code, "static class Code { static int Twice(int n) => 2 * n; }");
        await using (Kern kern = new("compare", project, "Code.Twice", "--lines", Lines, "--rounds", "3"))
        {
            (int exitCode, string output, string error) = await kern.EndAsync();
            Assert.Equal((ExitCodes.Success, "kern: building App.csproj\n"), (exitCode, error));
            Assert.Contains("Code.Twice(int)", output, StringComparison.Ordinal);
        }

        File.WriteAllText(code, "static class Code { static int Twice(int n) => 2 * m; }");
        await using Kern broken = new("compare", project, "Code.Twice", "--lines", Lines);
        (int brokenCode, _, string said) = await broken.EndAsync();
        Assert.Equal(ExitCodes.WrongUse, brokenCode);
        Assert.Contains("App.csproj does not build: ", said, StringComparison.Ordinal);
        Assert.Contains("CS0103", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind()
    {
        await using Kern kern = new("compare", Samples.Assembly, "Subject.NeverEnds", "--timeout", "600");
        await kern.WaitForWorkersAsync();
        IReadOnlyList<int> workers = kern.Workers();
        kern.Interrupt();
        (int code, _, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Interrupted, "kern: interrupted.\n"), (code, error));
        await Kern.WaitForEndAsync(workers);
        Assert.Empty(kern.Remains);
    }

    [Fact]
    public async Task A_python_function_runs_in_its_four_places()
    {
        CompareResult result = await CompareScriptAsync(ExitCodes.Success, "count");
        Assert.Equal(["sequential", "threads", "asyncio", "processes"], result.Places.Select(static place => place.Name));
        Assert.All(result.Places, static place =>
        {
            Assert.Equal((PlaceEnd.Ran, 0, Agreement.Same), (place.End, place.Failures, place.Results));
            Assert.All(place.Rounds, static round => Assert.True(round is { WallSeconds: > 0, CpuSeconds: > 0, PeakBytes: > 1 << 20, AllocatedBytes: null, GcPauseSeconds: null }, $"{round}"));
        });
        Assert.All((await CompareScriptAsync(ExitCodes.Success, "wait")).Places, static place => Assert.Equal(Agreement.Same, place.Results));
    }

    [Fact]
    public async Task Bad_python_functions_are_told()
    {
        Assert.All((await CompareScriptAsync(ExitCodes.Incomplete, "fail_at_three")).Places, static place => Assert.Equal((1, "ValueError: three"), (place.Failures, place.FirstFailure)));
        Assert.Equal(Agreement.Differ, (await CompareScriptAsync(ExitCodes.Incomplete, "whereabouts")).Places[^1].Results);
        Assert.Equal([0, 0, 0, 4], (await CompareScriptAsync(ExitCodes.Incomplete, "open_it")).Places.Select(static place => place.Failures));
        CompareResult crash = await CompareScriptAsync(ExitCodes.Incomplete, "crash");
        Assert.Equal([PlaceEnd.EndsProgram, PlaceEnd.EndsProgram, PlaceEnd.EndsProgram, PlaceEnd.Ran], crash.Places.Select(static place => place.End));
        Assert.All((await CompareScriptAsync(ExitCodes.Incomplete, "never_ends", "--timeout", "3")).Places, static place => Assert.Equal(PlaceEnd.NeverEnds, place.End));
    }

    private Task<CompareResult> CompareScriptAsync(int exitCode, string function, params string[] more) =>
        ResultAsync(exitCode, [$"{Samples.Script}:{function}", "--lines", Lines, .. more]);

    private static Task<CompareResult> CompareAsync(int exitCode, string method, params string[] more) => ResultAsync(exitCode, [Samples.Assembly, method, .. more]);

    private static async Task<CompareResult> ResultAsync(int exitCode, string[] arguments)
    {
        await using Kern kern = new(["compare", .. arguments, "--rounds", "3", "--workers", "2", "--json", "-"]);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((exitCode, ""), (code, error));
        Assert.Empty(kern.Remains);
        return JsonSerializer.Deserialize<CompareResult>(output, JsonReport.Format)!;
    }
}
