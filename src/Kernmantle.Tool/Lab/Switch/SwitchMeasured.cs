using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Switch;

/// <summary>One pair of players. A hand-over is half a round: the token goes one way.</summary>
internal sealed record Pair(Spread SecondsPerHandOver, Spread SwitchesPerHandOver);

/// <summary>The measurements of <c>switch</c>.</summary>
/// <param name="ThreadsApart">On two processors; null where there is only one.</param>
/// <param name="ProcessesOverThreads">On one processor, divided round by round.</param>
internal sealed record SwitchMeasured(Pair Threads, Pair Processes, Pair? ThreadsApart, Pair? ProcessesApart, Spread ProcessesOverThreads)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        .. Of("threads.together", "two threads on one core", Threads),
        .. Of("processes.together", "two processes on one core", Processes),
        .. ThreadsApart is { } threads ? Of("threads.apart", "two threads on two cores", threads) : [],
        .. ProcessesApart is { } processes ? Of("processes.apart", "two processes on two cores", processes) : [],
        Figure.Ratio("processesOverThreads", "processes against threads, on one core", ProcessesOverThreads),
    ];

    public Plot Plot()
    {
        List<(string Name, Pair Pair)> pairs = [("threads, one core", Threads), ("processes, one core", Processes)];
        if (ThreadsApart is { } threads)
            pairs.Add(("threads, two cores", threads));
        if (ProcessesApart is { } processes)
            pairs.Add(("processes, two cores", processes));
        return Model.Plot.Bars(
            "switch-cost",
            "Handing a token over",
            new("time of one hand-over", Unit.Seconds),
            [.. pairs.Select(static pair => pair.Name)],
            new Series("hand-over", [.. pairs.Select(static (pair, index) => Point.Of(index, pair.Pair.SecondsPerHandOver))]));
    }

    private static IEnumerable<Figure> Of(string name, string label, Pair pair) =>
    [
        Figure.Seconds($"{name}.handOver", $"hand-over, {label}", pair.SecondsPerHandOver),
        new Figure($"{name}.switches", $"switches per hand-over, {label}", Unit.Count, pair.SwitchesPerHandOver),
    ];
}
