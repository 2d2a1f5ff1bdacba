using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Start;

/// <summary>Seconds from start to end.</summary>
/// <param name="ProcessOverThread">Each process divided by the thread of the same round.</param>
/// <param name="WarmOverProcess">Each call to a warm process divided by the process of the same round.</param>
internal sealed record StartMeasured(Spread Thread, Spread PoolThread, Spread Process, Spread WarmProcess, Spread ProcessOverThread, Spread WarmOverProcess)
{
    public static StartMeasured Of(IReadOnlyDictionary<string, IReadOnlyList<double>> seconds) => new(
        Spread.Of(seconds["thread"]),
        Spread.Of(seconds["pool thread"]),
        Spread.Of(seconds["process"]),
        Spread.Of(seconds["warm process"]),
        Comparison.Ratio(seconds["process"], seconds["thread"]),
        Comparison.Ratio(seconds["warm process"], seconds["process"]));

    public static IReadOnlyList<Figure> Figures(StartMeasured measured) =>
    [
        Figure.Seconds("thread", "a new thread, from start to end", measured.Thread),
        Figure.Seconds("poolThread", "a function on the thread pool", measured.PoolThread),
        Figure.Seconds("process", "a new process, from start to end", measured.Process),
        Figure.Seconds("warmProcess", "a call to a process that runs already", measured.WarmProcess),
        Figure.Ratio("processOverThread", "a new process against a new thread", measured.ProcessOverThread),
        Figure.Ratio("warmOverProcess", "a warm process against a new one", measured.WarmOverProcess),
    ];

    public static Plot Plot(StartMeasured measured) => Model.Plot.Bars(
        "start-cost",
        "From start to end of an empty function",
        new("time", Unit.Seconds, Log: true),
        ["thread", "pool thread", "process", "warm process"],
        new Series("time", [Point.Of(0, measured.Thread), Point.Of(1, measured.PoolThread), Point.Of(2, measured.Process), Point.Of(3, measured.WarmProcess)]));
}
