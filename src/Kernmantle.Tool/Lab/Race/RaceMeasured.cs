using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>A counter that several threads count up.</summary>
/// <param name="Lost">The part of the increments that was lost, in each round.</param>
/// <param name="DifferentResults">How many different results equal runs had.</param>
/// <param name="SecondsPerStep">With all threads at it.</param>
internal sealed record CounterRuns(Spread Lost, int Runs, int DifferentResults, Spread SecondsPerStep);

/// <summary>Objects whose references several threads count.</summary>
/// <param name="FreedEarly">Of all objects in all rounds, those that were freed while their owner had them.</param>
/// <param name="Leaked">Those that can never be freed.</param>
/// <param name="SecondsAlone">Taking a reference and giving it back, on one thread.</param>
/// <param name="SecondsTogether">The same with all threads at it, for one of them.</param>
internal sealed record ReferenceRuns(int Objects, int FreedEarly, int Leaked, Spread SecondsAlone, Spread SecondsTogether)
{
    public int Wrong => FreedEarly + Leaked;
}

/// <summary>The measurements of <c>race</c>.</summary>
/// <param name="ProcessesRight">Counting in processes gave the right sum, and left this process's counter alone.</param>
internal sealed record RaceMeasured(
    int Threads,
    IReadOnlyDictionary<Guard, CounterRuns> Counters,
    IReadOnlyDictionary<Guard, ReferenceRuns> References,
    bool ProcessesRight,
    Spread ProcessSecondsPerStep)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        .. Counters.SelectMany(static pair => new[]
        {
            new Figure($"counter.{pair.Key}.lost", $"increments lost, {pair.Key.Text()}", Unit.Fraction, pair.Value.Lost),
            Figure.Count($"counter.{pair.Key}.results", $"different results of equal runs, {pair.Key.Text()}", pair.Value.DifferentResults),
            Figure.Seconds($"counter.{pair.Key}.step", $"one increment, {pair.Key.Text()}", pair.Value.SecondsPerStep),
        }),
        Figure.Fact("counter.Processes.right", "counting in processes gave the right sum", ProcessesRight),
        Figure.Seconds("counter.Processes.step", "one increment, in processes", ProcessSecondsPerStep),
        .. References.SelectMany(static pair => new[]
        {
            Figure.Count($"references.{pair.Key}.freedEarly", $"objects freed too early, {pair.Key.Text()}", pair.Value.FreedEarly),
            Figure.Count($"references.{pair.Key}.leaked", $"objects leaked, {pair.Key.Text()}", pair.Value.Leaked),
            Figure.Seconds($"references.{pair.Key}.alone", $"a reference taken and given back on one thread, {pair.Key.Text()}", pair.Value.SecondsAlone),
            Figure.Seconds($"references.{pair.Key}.together", $"the same with all threads, {pair.Key.Text()}", pair.Value.SecondsTogether),
        }),
    ];

    public IReadOnlyList<TextTable> Tables() =>
    [
        new(
            $"A counter, {Threads} threads",
            ["Counted", ">Lost", ">Different results", ">One increment"],
            [
                .. Counters.Select(static pair => new[]
                {
                    pair.Key.Text(),
                    Units.Format(pair.Value.Lost, Unit.Fraction),
                    $"{pair.Value.DifferentResults} in {pair.Value.Runs} runs",
                    Units.Format(pair.Value.SecondsPerStep, Unit.Seconds),
                }),
                ["in processes", ProcessesRight ? "0 %" : "wrong sum", "", Units.Format(ProcessSecondsPerStep, Unit.Seconds)],
            ]),
        new(
            $"Reference counts, {Threads} threads",
            ["Counted", ">Objects", ">Freed too early", ">Leaked", ">On one thread", ">With all threads"],
            [.. References.Select(static pair => new[]
            {
                pair.Key.Text(),
                Units.Format(pair.Value.Objects, Unit.Count),
                Units.Format(pair.Value.FreedEarly, Unit.Count),
                Units.Format(pair.Value.Leaked, Unit.Count),
                Units.Format(pair.Value.SecondsAlone, Unit.Seconds),
                Units.Format(pair.Value.SecondsTogether, Unit.Seconds),
            })]),
    ];

    public Plot Plot() => Model.Plot.Bars(
        "race-cost",
        "Taking a reference and giving it back",
        new("time", Unit.Seconds, Log: true),
        [.. References.Keys.Select(static guard => guard.Text())],
        new Series("one thread", [.. References.Values.Select(static (runs, index) => Point.Of(index, runs.SecondsAlone))]),
        new Series("all threads", [.. References.Values.Select(static (runs, index) => Point.Of(index, runs.SecondsTogether))]));
}
