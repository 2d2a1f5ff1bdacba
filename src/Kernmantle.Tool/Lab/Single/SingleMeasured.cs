using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Single;

/// <summary>One kind of work in one place, done by one thread and by several.</summary>
/// <param name="SpeedUp">For each number of threads: the time of one thread divided by theirs, round by round.</param>
internal sealed record ThreadRuns(IReadOnlyDictionary<int, Spread> SpeedUp)
{
    public static ThreadRuns Of(IReadOnlyDictionary<int, IReadOnlyList<double>> seconds) =>
        new(seconds.ToDictionary(static pair => pair.Key, pair => Comparison.Ratio(seconds[1], pair.Value)));

    /// <summary>With the most threads.</summary>
    public Spread Most => SpeedUp[SpeedUp.Keys.Max()];
}

/// <summary>The measurements of <c>single</c>.</summary>
/// <param name="ComputingPinned">On one core.</param>
/// <param name="WaitingPinned">On one core.</param>
/// <param name="ComputingAll">On all cores that there are.</param>
/// <param name="LockSeconds">Taking and releasing a global lock that nobody else wants.</param>
/// <param name="LookSeconds">Looking, while it is held, whether somebody wants it.</param>
/// <param name="LockedOverPlain">A single thread's work with a global lock around it, against the same without.</param>
internal sealed record SingleMeasured(int Processors, ThreadRuns ComputingPinned, ThreadRuns WaitingPinned, ThreadRuns ComputingAll, Spread LockSeconds, Spread LookSeconds, Spread LockedOverPlain)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        .. Of("computing.pinned", "computing on one core", ComputingPinned),
        .. Of("waiting.pinned", "waiting on one core", WaitingPinned),
        .. Of("computing.all", "computing on all cores", ComputingAll),
        Figure.Seconds("lock", "taking and releasing a global lock that nobody else wants", LockSeconds),
        Figure.Seconds("look", "looking whether somebody wants it", LookSeconds),
        Figure.Ratio("lockedOverPlain", "one thread's work under the lock against without", LockedOverPlain),
    ];

    public Plot Plot()
    {
        int[] threads = [.. ComputingPinned.SpeedUp.Keys.Order()];
        Series Line(string name, ThreadRuns runs) => new(name, [.. threads.Select((count, index) => Point.Of(index, runs.SpeedUp[count]))]);
        return Model.Plot.Bars(
            "single-speedup",
            "What more threads gain",
            new("speed-up", Unit.Ratio),
            [.. threads.Select(static count => count == 1 ? "1 thread" : $"{count} threads")],
            Line("computing, one core", ComputingPinned),
            Line("waiting, one core", WaitingPinned),
            Line("computing, all cores", ComputingAll));
    }

    private static IEnumerable<Figure> Of(string name, string label, ThreadRuns runs) =>
        runs.SpeedUp.Where(static pair => pair.Key > 1).Select(pair => Figure.Ratio($"{name}.{pair.Key}", $"{label}: {pair.Key} threads against one", pair.Value));
}
