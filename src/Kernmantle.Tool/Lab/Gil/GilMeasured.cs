using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>Names of the places, as tables and figures have them.</summary>
internal static class Places
{
    public const string Threads = "threads";
    public const string GlobalLock = "global lock";
    public const string Processes = "processes";
    public const string EventLoop = "event loop";

    /// <summary>What the places of the Python that is used by itself begin with.</summary>
    public const string Python = "Python";
}

/// <summary>One place: for each number of workers, how many times as fast as one worker there, round by round.</summary>
internal sealed record PlaceRuns(IReadOnlyDictionary<int, Spread> Computing, IReadOnlyDictionary<int, Spread> Waiting)
{
    public static PlaceRuns Of(IReadOnlyDictionary<int, IReadOnlyList<double>> computing, IReadOnlyDictionary<int, IReadOnlyList<double>> waiting) =>
        new(SpeedUps(computing), SpeedUps(waiting));

    public Spread ComputingMost => Computing[Computing.Keys.Max()];

    public Spread WaitingMost => Waiting[Waiting.Keys.Max()];

    private static Dictionary<int, Spread> SpeedUps(IReadOnlyDictionary<int, IReadOnlyList<double>> seconds) =>
        seconds.ToDictionary(static pair => pair.Key, pair => Comparison.Ratio(seconds[1], pair.Value));
}

/// <summary>Who held the global lock when.</summary>
/// <param name="Holds">Spans in which someone held it, in seconds from the begin.</param>
/// <param name="Waits">Spans in which someone waited for it.</param>
/// <param name="Blocked">Spans in which someone had given it up around something that blocks.</param>
/// <param name="MostAtOnce">The most threads that were at the guarded work at the same time, counted there.</param>
/// <param name="MostAtOnceWithout">The same without the lock.</param>
internal sealed record LockTrace(IReadOnlyList<HeldSpan> Holds, IReadOnlyList<HeldSpan> Waits, IReadOnlyList<HeldSpan> Blocked, int MostAtOnce, int MostAtOnceWithout)
{
    /// <summary>How many spans begin while another thread's still lasts.</summary>
    public int Overlaps
    {
        get
        {
            int overlaps = 0;
            double until = double.NegativeInfinity;
            foreach (HeldSpan hold in Holds.OrderBy(static hold => hold.From))
            {
                if (hold.From < until)
                    overlaps++;
                until = Math.Max(until, hold.To);
            }
            return overlaps;
        }
    }
}

/// <summary>One span of a trace.</summary>
internal sealed record HeldSpan(string Thread, double From, double To);

/// <summary>The measurements of <c>gil</c>.</summary>
/// <param name="Python">The one that is used by itself; null where there is no python3.</param>
/// <param name="Interpreters">All that are here, that one among them, and what of them was measured for itself.</param>
internal sealed record GilMeasured(
    int Processors, IReadOnlyDictionary<string, PlaceRuns> Runs, LockTrace? Trace, InterpreterMeasured? Python, IReadOnlyList<InterpreterMeasured> Interpreters)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        .. Runs.SelectMany(static pair => Of(pair.Key, "computing", pair.Value.Computing).Concat(Of(pair.Key, "waiting", pair.Value.Waiting))),
        .. Trace is null ? (Figure[])[] :
        [
            Figure.Count("trace.holds", "times the global lock was held in the trace", Trace.Holds.Count),
            Figure.Count("trace.overlaps", "of them, while another thread held it", Trace.Overlaps),
            Figure.Count("trace.mostAtOnce", "the most threads inside at once, under the lock", Trace.MostAtOnce),
            Figure.Count("trace.mostAtOnceWithout", "the most threads inside at once, without", Trace.MostAtOnceWithout),
        ],
        .. Interpreters.SelectMany(FiguresOf),
    ];

    public TextTable Table()
    {
        int[] workers = [.. Runs.Values.First().Computing.Keys.Order()];
        return new(
            "Times as fast as one worker",
            ["Place", .. workers.Skip(1).Select(static count => $">Computing, {count}"), .. workers.Skip(1).Select(static count => $">Waiting, {count}")],
            [.. Runs.Select(pair => (string[])
            [
                pair.Key,
                .. workers.Skip(1).Select(count => Units.Format(pair.Value.Computing[count], Unit.Ratio)),
                .. workers.Skip(1).Select(count => Units.Format(pair.Value.Waiting[count], Unit.Ratio)),
            ])]);
    }

    public IReadOnlyList<Plot> Plots() =>
    [
        SpeedUps("gil-computing", "Computing: times as fast as one worker", static runs => runs.Computing),
        SpeedUps("gil-waiting", "Waiting: times as fast as one worker", static runs => runs.Waiting),
        .. Trace is { } trace ? (Plot[])[Draw(trace)] : [],
        .. Interpreters.Count > 0 ? (Plot[])[InterpreterTables.Draw(Interpreters)] : [],
    ];

    private Plot SpeedUps(string id, string title, Func<PlaceRuns, IReadOnlyDictionary<int, Spread>> kind)
    {
        int[] workers = [.. kind(Runs.Values.First()).Keys.Where(static count => count > 1).Order()];
        return Plot.Bars(
            id,
            title,
            new("speed-up", Unit.Ratio),
            [.. Runs.Keys],
            [.. workers.Select(count => new Series($"{count} workers", [.. Runs.Values.Select((runs, index) => Point.Of(index, kind(runs)[count]))]))]);
    }

    private static Plot Draw(LockTrace trace)
    {
        List<string> threads = [.. trace.Holds.Concat(trace.Waits).Select(static span => span.Thread).Distinct().Order(StringComparer.Ordinal)];
        return Plot.Lanes(
            "gil-trace",
            "Who holds the global lock when",
            new("time", Unit.Seconds),
            threads,
            [
                .. trace.Holds.Select(span => new Span(threads.IndexOf(span.Thread), 1, span.From, span.To, "holds the lock")),
                .. trace.Waits.Select(span => new Span(threads.IndexOf(span.Thread), 1, span.From, span.To, "waits for it")),
                .. trace.Blocked.Select(span => new Span(threads.IndexOf(span.Thread), 1, span.From, span.To, "waits for something else, without it")),
            ]);
    }

    private IEnumerable<Figure> FiguresOf(InterpreterMeasured one) =>
    [
        // Those of the Python that is used by itself are among the places.
        .. one == Python ? (Figure[])[] : [.. one.Runs.SelectMany(run => Of($"{one.Id} {run.Key.Text()}", "computing", run.Value.Computing).Concat(Of($"{one.Id} {run.Key.Text()}", "waiting", run.Value.Waiting)))],
        .. one == Python || one.Variant is not null || one.By(PythonWay.Threads) is not { } threads ? (Figure[])[] :
            [Figure.Ratio($"other.{one.Python.Implementation}.{one.Python.Version}", $"{one.Name}: computing threads against one", threads.ComputingMost)],
        .. one.Lost is not { } lost ? (Figure[])[] :
        [
            Figure.Fraction($"{one.Id}.lost", $"{one.Name}: unguarded counts lost, total += 1", lost.Plain),
            Figure.Fraction($"{one.Id}.lostByCall", $"{one.Name}: unguarded counts lost, total += one()", lost.Called),
        ],
        .. one.Microthreads is not { } micro ? (Figure[])[] :
        [
            Figure.Fraction($"{one.Id}-microthreads.lost", $"{one.Name}: counts of microthreads lost, total += channel.receive()", Spread.Exactly(micro.LostBefore)),
            Figure.Fraction($"{one.Id}-microthreads.lostAfter", $"{one.Name}: the same, received before total is read", Spread.Exactly(micro.LostAfter)),
            Figure.Ratio($"{one.Id}-microthreads.blocking", $"{one.Name}: two microthreads that block against one", micro.Blocking),
        ],
        .. one.SubInterpreters is not { } cost ? (Figure[])[] :
        [
            Figure.Seconds($"{one.Id}-sub-interpreters.start", $"{one.Name}: the start of each", Spread.Exactly(cost.Seconds)),
            Figure.Bytes($"{one.Id}-sub-interpreters.bytes", $"{one.Name}: memory of each", Spread.Exactly(cost.Bytes)),
        ],
    ];

    private static IEnumerable<Figure> Of(string place, string work, IReadOnlyDictionary<int, Spread> speedUps) =>
        speedUps.Where(static pair => pair.Key > 1).Select(pair => Figure.Ratio(
            $"{place.Replace(' ', '-')}.{work}.{pair.Key}", $"{place}, {work}, {pair.Key} workers against one", pair.Value));
}
