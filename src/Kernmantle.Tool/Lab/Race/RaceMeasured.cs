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

/// <summary>A shared lock whose owner was killed amid its work.</summary>
/// <param name="Told">The next one was told, each time.</param>
/// <param name="HalfDone">What the lock protects was as the dead one had left it: half changed.</param>
/// <param name="Mended">Once that was mended, and said to be, the one after it was told nothing, and found it right.</param>
/// <param name="SecondsToNext">From the kill until the next one was told.</param>
internal sealed record AbandonedLock(bool Told, bool HalfDone, bool Mended, Spread SecondsToNext);

/// <summary>The measurements of <c>race</c>.</summary>
/// <param name="Counters">Of this process, counted by its threads.</param>
/// <param name="Shared">A number in memory that worker processes share, counted by two of them.</param>
/// <param name="ProcessesRight">Counting in processes, each its own, gave the right sum, and left this process's counter alone.</param>
internal sealed record RaceMeasured(
    int Threads,
    IReadOnlyDictionary<Guard, CounterRuns> Counters,
    IReadOnlyDictionary<Guard, CounterRuns> Shared,
    IReadOnlyDictionary<Guard, ReferenceRuns> References,
    bool ProcessesRight,
    Spread ProcessSecondsPerStep,
    AbandonedLock Abandoned)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        .. Counters.SelectMany(static pair => Figures("counter", pair.Key, pair.Key.Text(), pair.Value)),
        Figure.Fact("counter.Processes.right", "counting in processes gave the right sum", ProcessesRight),
        Figure.Seconds("counter.Processes.step", "one increment, in processes", ProcessSecondsPerStep),
        .. Shared.SelectMany(static pair => Figures("shared", pair.Key, $"{pair.Key.SharedText()} by processes", pair.Value)),
        Figure.Fact("abandoned.told", "who took the lock of a killed process was told", Abandoned.Told),
        Figure.Fact("abandoned.halfDone", "what it protects was half changed", Abandoned.HalfDone),
        Figure.Fact("abandoned.mended", "mended, and said to be, nobody was told any more", Abandoned.Mended),
        Figure.Seconds("abandoned.next", "from the kill until the next one was told", Abandoned.SecondsToNext),
        .. References.SelectMany(static pair => new[]
        {
            Figure.Count($"references.{pair.Key}.freedEarly", $"objects freed too early, {pair.Key.Text()}", pair.Value.FreedEarly),
            Figure.Count($"references.{pair.Key}.leaked", $"objects leaked, {pair.Key.Text()}", pair.Value.Leaked),
            Figure.Seconds($"references.{pair.Key}.alone", $"a reference taken and given back on one thread, {pair.Key.Text()}", pair.Value.SecondsAlone),
            Figure.Seconds($"references.{pair.Key}.together", $"the same with all threads, {pair.Key.Text()}", pair.Value.SecondsTogether),
        }),
    ];

    private static readonly string[] Counting = ["Counted", ">Lost", ">Different results", ">One increment"];

    public IReadOnlyList<TextTable> Tables() =>
    [
        new(
            $"A counter, {Threads} threads",
            Counting,
            [
                .. Counters.Select(static pair => Row(pair.Key.Text(), pair.Value)),
                ["in processes, each its own", ProcessesRight ? "0 %" : "wrong sum", "", Units.Format(ProcessSecondsPerStep, Unit.Seconds)],
            ]),
        new($"A SharedValue<long>, {SharedCounter.Processes} worker processes", Counting, [.. Shared.Select(static pair => Row(pair.Key.SharedText(), pair.Value))]),
        new(
            "A SharedLock whose owner is killed amid its work",
            ["", ""],
            [
                ["the next one is told", Abandoned.Told ? $"after {Units.Format(Abandoned.SecondsToNext, Unit.Seconds)}" : "no"],
                ["what it protects is half changed", Units.Format(Abandoned.HalfDone ? 1 : 0, Unit.Truth)],
                ["mended, and marked as consistent, nobody is told any more", Units.Format(Abandoned.Mended ? 1 : 0, Unit.Truth)],
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

    private static Figure[] Figures(string name, Guard guard, string text, CounterRuns runs) =>
    [
        new($"{name}.{guard}.lost", $"increments lost, {text}", Unit.Fraction, runs.Lost),
        Figure.Count($"{name}.{guard}.results", $"different results of equal runs, {text}", runs.DifferentResults),
        Figure.Seconds($"{name}.{guard}.step", $"one increment, {text}", runs.SecondsPerStep),
    ];

    private static string[] Row(string text, CounterRuns runs) =>
    [
        text,
        Units.Format(runs.Lost, Unit.Fraction),
        $"{runs.DifferentResults} in {runs.Runs} runs",
        Units.Format(runs.SecondsPerStep, Unit.Seconds),
    ];
}
