using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary><c>kern compare</c> on functions of Python, good and bad.</summary>
public sealed class ComparePythonTests : CompareRuns
{
    [Fact]
    public async Task A_python_function_runs_in_its_four_places()
    {
        CompareResult result = await CompareScriptAsync(ExitCodes.Success, "count", "--workers", "2");
        Assert.Equal(["sequential", "threads", "asyncio", "processes"], result.Places.Select(static place => place.Name));
        Assert.All(result.Places, static place =>
        {
            Assert.Equal((PlaceEnd.Ran, 0, Agreement.Same), (place.End, place.Failures, place.Results));
            Assert.All(place.Rounds, static round => Assert.True(round is { WallSeconds: > 0, CpuSeconds: > 0, PeakBytes: > 1 << 20, AllocatedBytes: null, GcPauseSeconds: null }, $"{round}"));
        });
        Assert.All((await CompareScriptAsync(ExitCodes.Success, "wait")).Places, static place => Assert.Equal(Agreement.Same, place.Results));
    }

    [Fact]
    [SecondStage]
    public async Task Bad_python_functions_are_told()
    {
        Assert.All((await CompareScriptAsync(ExitCodes.Incomplete, "fail_at_three")).Places, static place => Assert.Equal((1, "ValueError: three"), (place.Failures, place.FirstFailure)));
        Assert.Equal(Agreement.Differ, (await CompareScriptAsync(ExitCodes.Incomplete, "whereabouts")).Places[^1].Results);
        Assert.Equal([0, 0, 0, 4], (await CompareScriptAsync(ExitCodes.Incomplete, "open_it")).Places.Select(static place => place.Failures));
        foreach (string function in (string[])["crash", "use_up"])
        {
            CompareResult crash = await CompareScriptAsync(ExitCodes.Incomplete, function);
            Assert.Equal([PlaceEnd.EndsProgram, PlaceEnd.EndsProgram, PlaceEnd.EndsProgram, PlaceEnd.Ran], crash.Places.Select(static place => place.End));
        }
        Assert.All((await CompareScriptAsync(ExitCodes.Incomplete, "never_ends", "--timeout", "0.3")).Places, static place => Assert.Equal(PlaceEnd.NeverEnds, place.End));
    }

    private Task<CompareResult> CompareScriptAsync(int exitCode, string function, params string[] more) =>
        ResultAsync(exitCode, [$"{Samples.Script}:{function}", "--lines", Lines, .. more]);
}
