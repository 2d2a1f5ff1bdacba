using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>A row for each interpreter: what it gains in each way, and what it loses.</summary>
internal static class InterpreterTables
{
    /// <summary>All were measured with so many at once, at least.</summary>
    private const int AtOnce = 2;

    private static readonly PythonWay[] Ways = [PythonWay.Threads, PythonWay.Processes, PythonWay.Microthreads, PythonWay.Asyncio];

    public static IEnumerable<TextTable> Of(GilMeasured measured)
    {
        if (measured.Interpreters.Count == 0)
            yield break;
        string[] columns = ["Interpreter", "Global lock", .. Ways.Select(static way => way.Text())];
        yield return new(Computing, columns, [.. measured.Interpreters.Select(one => Row(one, run => Cell(run.Computing[AtOnce], measured.Processors)))]);
        yield return new("The same, waiting", columns, [.. measured.Interpreters.Select(one => Row(one, static run => Units.Format(run.Waiting[AtOnce].Median, Unit.Ratio)))]);
        yield return new(
            "Counts lost without a lock",
            ["Interpreter", ">total += 1", ">total += one()", ">microthreads, total += channel.receive()"],
            [.. measured.Interpreters.Where(static one => one.Lost is not null).Select(static one => (string[])
            [
                one.Name,
                Units.Format(one.Lost!.Plain, Unit.Fraction),
                Units.Format(one.Lost.Called, Unit.Fraction),
                one.Microthreads is { } micro ? Units.Format(micro.LostBefore, Unit.Fraction) : Nothing,
            ])]);
    }

    public static Plot Draw(IReadOnlyList<InterpreterMeasured> interpreters) => Plot.Bars(
        "gil-interpreters",
        Computing,
        new("speed-up", Unit.Ratio),
        [.. interpreters.Select(static one => one.Name)],
        [.. Ways.Select(way => new Series(way.Text(), [.. interpreters.Select(static (one, index) => (one, index)).Where(each => Of(each.one, way) is not null).Select(each => Point.Of(each.index, Of(each.one, way)!.Computing[AtOnce]))]))
            .Where(static series => series.Points.Count > 0)]);

    private const string Nothing = "–", Computing = "Computing, two at once in each interpreter: times as fast as one";

    private static string[] Row(InterpreterMeasured one, Func<PlaceRuns, string> cell) =>
        [one.Name, one.SubInterpreters is not null ? "one each" : one.Python.HasGlobalLock ? "yes" : "no", .. Ways.Select(way => Of(one, way) is { } runs ? cell(runs) : Nothing)];

    /// <summary>A sub-interpreter's thread is a thread.</summary>
    private static PlaceRuns? Of(InterpreterMeasured one, PythonWay way) => one.By(way) ?? (way == PythonWay.Threads ? one.By(PythonWay.SubInterpreters) : null);

    private static string Cell(Spread speedUp, int processors) => $"{Units.Format(speedUp.Median, Unit.Ratio)}, " + GilVerdicts.Gain(speedUp, processors) switch
    {
        Standing.Higher => "at once",
        Standing.Lower => "in turns",
        _ => "unclear",
    };
}
