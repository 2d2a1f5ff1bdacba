using System.Net;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary><c>kern compare</c> from outside, on methods good and bad. What is fast is not asserted.</summary>
public sealed class CompareTests(ComputeRun compute) : CompareRuns, IClassFixture<ComputeRun>
{
    [Fact]
    public void A_method_runs_in_every_place()
    {
        CompareResult result = compute.Result;
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
    public void What_the_processes_compute_is_seen_here()
    {
        double Cpu(Place place) => compute.Result.Places.Single(measured => measured.Place == place).Cpu().Median;
        // The same work: far more than the pool's own, if the workers were not counted.
        Assert.True(Cpu(Place.Processes) > Cpu(Place.Sequential) / 2, $"{Cpu(Place.Processes)} s of {Cpu(Place.Sequential)} s");
    }

    [Fact]
    public void The_page_has_the_figures_and_the_recommendation()
    {
        string html = WebUtility.HtmlDecode(compute.Page);
        Assert.Contains("<title>kern compare</title>", html, StringComparison.Ordinal);
        Assert.Contains("data-plot=\"compare-wall\"", html, StringComparison.Ordinal);
        Assert.Contains(compute.Output.TrimEnd().Split('\n')[^1][..40], html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_asynchronous_method_with_inputs_of_json_is_run_on_an_event_loop_too()
    {
        string orders = Path.Combine(Folder.FullName, "orders.jsonl");
        File.WriteAllText(orders, """{"name": "a", "count": 3}""");
        CompareResult result = await CompareAsync(ExitCodes.Success, "Subject.DoubleAsync", "--json", orders);
        Assert.Equal(Place.EventLoop, result.Places[^1].Place);
        Assert.All(result.Places, static place => Assert.Equal((PlaceEnd.Ran, 0, Agreement.Same), (place.End, place.Failures, place.Results)));
    }

    [Fact]
    public async Task A_method_without_argument_runs_its_results_that_vary_are_not_compared_and_what_it_prints_leaves_the_table_whole()
    {
        string json = Path.Combine(Folder.FullName, "result.json");
        await using Kern kern = new("compare", Samples.Assembly, "Subject.Number", "--calls", "3", "--rounds", "3", "--json", json);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Success, ""), (code, error));
        CompareResult result = Read(File.ReadAllText(json));
        Assert.Equal(3, result.Question.Calls);
        Assert.All(result.Places, static place => Assert.Equal((PlaceEnd.Ran, 0, Agreement.Vary), (place.End, place.Failures, place.Results)));
        Assert.DoesNotContain("printed", output, StringComparison.Ordinal);
        Assert.Contains("| sequential ", output, StringComparison.Ordinal);
        Assert.Empty(kern.Remains);
    }

    [Fact]
    public async Task A_private_method_runs_its_unordered_results_agree_and_verbose_shows_what_it_prints()
    {
        string json = Path.Combine(Folder.FullName, "result.json");
        File.WriteAllLines(Lines, ["b a c d e f", "f b f"]);
        await using Kern kern = new("compare", Samples.Assembly, "Subject.Count", "--lines", Lines, "--rounds", "3", "--verbose", "--json", json);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal(ExitCodes.Success, code);
        Assert.All(Read(File.ReadAllText(json)).Places, static place => Assert.Equal((PlaceEnd.Ran, 0, Agreement.Same), (place.End, place.Failures, place.Results)));
        Assert.DoesNotContain("printed", output, StringComparison.Ordinal);
        Assert.Contains("printed f b f", error, StringComparison.Ordinal);
        Assert.Empty(kern.Remains);
    }

    [Theory]
    [InlineData("Subject.OverflowAtThree", "stack overflow")]
    [InlineData("Subject.UseUpAtThree", "too much processor time")]
    public async Task A_crash_or_a_limit_of_the_system_ends_the_program_in_all_places_but_processes(string method, string why)
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, method, "--lines", Lines);
        Assert.All(result.Places.Where(static place => place.Place != Place.Processes), place =>
        {
            Assert.Equal(PlaceEnd.EndsProgram, place.End);
            Assert.Contains(why, place.Message, StringComparison.OrdinalIgnoreCase);
        });
        PlaceMeasured processes = result.Places.Single(static place => place.Place == Place.Processes);
        Assert.Equal((PlaceEnd.Ran, 1), (processes.End, processes.Failures));
        Assert.Equal(Place.Processes, result.Advice.Place);
    }

    [Fact]
    public async Task A_place_that_fails_beside_the_calls_is_lost_alone()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.RemoveTheGate", "--calls", "1");
        Assert.Equal([Place.Processes], result.Places.Where(static place => place.End != PlaceEnd.Ran).Select(static place => place.Place));
        Assert.Contains("/gate", result.Places[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_never_ends_is_ended()
    {
        CompareResult result = await CompareAsync(ExitCodes.Incomplete, "Subject.NeverEnds", "--timeout", "0.3");
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

    private static Task<CompareResult> CompareAsync(int exitCode, string method, params string[] more) => ResultAsync(exitCode, [Samples.Assembly, method, .. more]);
}
