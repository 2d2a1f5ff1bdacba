using System.Text.Json;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Statistics;
using Spectre.Console;

namespace Kernmantle.Tool.Compare;

/// <summary>A comparison as tables, and as what the page of the lab shows.</summary>
internal static class CompareReport
{
    private const string None = "–";

    public static string Json(CompareResult result) => JsonSerializer.Serialize(result, JsonReport.Format) + "\n";

    /// <summary>What <see cref="Json"/> writes, as JSON Schema.</summary>
    public static string Schema() => JsonReport.SchemaOf(typeof(CompareResult), "kern compare --json");

    public static void Write(Screen screen, CompareResult result)
    {
        screen.Out.MarkupLineInterpolated($"[bold]{result.Question.Function}[/]  {About(result.Question)}  [dim]({Units.Format(result.Seconds, Unit.Seconds)})[/]");
        foreach (TextTable table in Tables(result))
            TableWriter.Write(screen, table);
        foreach (string note in Notes(result))
            screen.Out.WriteLine(note);
        screen.Out.MarkupLineInterpolated($"[bold]{result.Advice.First}[/]");
        screen.Out.WriteLine(result.Advice.Second);
    }

    /// <summary>The comparison in the form of the lab's one page.</summary>
    public static ExperimentResult AsExperiment(CompareResult result) => new(
        "compare",
        $"{result.Question.Function}, {About(result.Question)}",
        result.Seconds,
        null,
        new([.. Figures(result)], [], [.. Plots(result)], [.. Tables(result)], [result.Advice.First, result.Advice.Second, .. Notes(result)]));

    private static string About(CompareQuestion question) => $"{question.Calls} calls a round ({question.Inputs}), {question.Workers} workers";

    internal static IEnumerable<TextTable> Tables(CompareResult result)
    {
        PlaceMeasured? sequential = Sequential(result);
        int calls = result.Question.Calls;
        yield return new(
            "",
            ["Place", ">Wall time", ">Middle half", ">Speed-up", ">CPU time", "Results"],
            [
                .. result.Places.Select(place => place.End != PlaceEnd.Ran
                    ? new[] { place.Name, None, None, None, None, Fate(place.End) }
                    : new[]
                    {
                        place.Name,
                        Units.Format(place.Wall().Median, Unit.Seconds),
                        Units.MiddleHalf(place.Wall(), Unit.Seconds),
                        sequential is null ? None : Times(place.SpeedUp(sequential).Median),
                        Units.Format(place.Cpu().Median, Unit.Seconds),
                        place.Failures == calls ? "all calls fail" : Said(place.Results),
                    }),
            ]);
        if (result.Places.All(static place => place.End != PlaceEnd.Ran))
            yield break;
        yield return new(
            "",
            ["Place", ">Peak memory", ">Allocated", ">GC pauses", ">Switches", ">Failed"],
            [
                .. result.Places.Where(static place => place.End == PlaceEnd.Ran).Select(place => new[]
                {
                    place.Name,
                    Units.Format(place.Peak().Median, Unit.Bytes),
                    place.Allocated() is { } allocated ? Units.Format(allocated.Median, Unit.Bytes) : None,
                    place.GcPause() is { } pause ? Units.Format(pause.Median, Unit.Seconds) : None,
                    Units.Format(place.Switches().Median, Unit.Count),
                    place.Failures == 0 ? "0" : $"{place.Failures} of {calls}",
                }),
            ]);
    }

    private static IEnumerable<string> Notes(CompareResult result)
    {
        foreach (PlaceMeasured place in result.Places)
        {
            if (place.Message is not null)
                yield return $"{place.Name} {Fate(place.End)}: {place.Message}";
            if (place.FirstFailure is not null)
                yield return $"{place.Name}, {place.Failures} of {result.Question.Calls} calls fail, the first with {place.FirstFailure}";
            if (place.Difference is not null)
                yield return $"{place.Name}: {place.Difference}";
        }
        foreach (string note in result.Notes)
            yield return note;
    }

    private static IEnumerable<Figure> Figures(CompareResult result)
    {
        PlaceMeasured? sequential = Sequential(result);
        foreach (PlaceMeasured place in result.Places.Where(static place => place.End == PlaceEnd.Ran))
        {
            string id = place.Name.Replace(' ', '-');
            yield return Figure.Seconds($"{id}.wall", $"{place.Name}: wall time of a round", place.Wall());
            if (sequential is not null)
                yield return Figure.Ratio($"{id}.speed-up", $"{place.Name}: times as fast as sequential", place.SpeedUp(sequential));
            yield return Figure.Seconds($"{id}.cpu", $"{place.Name}: processor time", place.Cpu());
            yield return Figure.Bytes($"{id}.peak", $"{place.Name}: peak memory", place.Peak());
            if (place.Allocated() is { } allocated)
                yield return Figure.Bytes($"{id}.allocated", $"{place.Name}: allocated", allocated);
            if (place.GcPause() is { } pause)
                yield return Figure.Seconds($"{id}.gc-pause", $"{place.Name}: pauses for garbage collection", pause);
            yield return new Figure($"{id}.switches", $"{place.Name}: context switches", Unit.Count, place.Switches());
            yield return Figure.Count($"{id}.failed", $"{place.Name}: calls that failed", place.Failures);
        }
    }

    private static IEnumerable<Plot> Plots(CompareResult result)
    {
        PlaceMeasured[] ran = [.. result.Places.Where(static place => place.End == PlaceEnd.Ran)];
        if (ran.Length == 0)
            yield break;
        string[] names = [.. ran.Select(static place => place.Name)];
        yield return Plot.Bars("compare-wall", "Wall time and processor time of a round", new("", Unit.Seconds), names, Bars("wall time", ran, static place => place.Wall()), Bars("processor time", ran, static place => place.Cpu()));
        if (Sequential(result) is { } sequential)
            yield return Plot.Bars("compare-speed-up", "Times as fast as sequential", new("", Unit.Ratio), names, Bars("speed-up", ran, place => place.SpeedUp(sequential)));
        yield return Plot.Bars("compare-memory", "Peak memory", new("", Unit.Bytes), names, Bars("peak memory", ran, static place => place.Peak()));
    }

    private static Series Bars(string name, PlaceMeasured[] places, Func<PlaceMeasured, Spread> figure) =>
        new(name, [.. places.Select((place, index) => Point.Of(index, figure(place)))]);

    private static PlaceMeasured? Sequential(CompareResult result) =>
        result.Places.FirstOrDefault(static place => place is { Place: Place.Sequential, End: PlaceEnd.Ran });

    private static string Fate(PlaceEnd end) => end == PlaceEnd.EndsProgram ? "ends the program" : "does not end";

    private static string Times(double speedUp) => speedUp < 0.01 ? "< 0.01 ×" : Units.Format(speedUp, Unit.Ratio);

    private static string Said(Agreement agreement) => agreement switch
    {
        Agreement.Same => "same",
        Agreement.Differ => "differ",
        Agreement.Vary => "vary",
        _ => "not compared",
    };
}
