using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>What the measurements say about N5, N10 and N13.</summary>
internal static class IpcVerdicts
{
    public static IReadOnlyList<Finding> Judge(IpcMeasured measured)
    {
        WayMeasured[] processes = [.. measured.Processes];
        WayMeasured nearest = processes.MinBy(static way => way.Seconds[way.Smallest].Median)!, farthest = processes.MaxBy(static way => way.Seconds[way.Smallest].Median)!;
        WayMeasured threads = measured.Threads;
        int smallest = threads.Smallest, largest = threads.Seconds.Keys.Max();
        Spread near = nearest.Seconds[smallest], variable = threads.Seconds[smallest];
        string size = Units.Format(smallest, Unit.Bytes);
        string figures = $"{size} and an answer: {Units.Format(variable.Median, Unit.Seconds)} between threads, {Units.Format(near.Median, Unit.Seconds)} by {nearest.Kind.Text()}, {Units.Format(farthest.Seconds[smallest].Median, Unit.Seconds)} by {farthest.Kind.Text()}";
        WayMeasured widest = processes.MaxBy(way => way.Throughput(largest))!;
        bool allRight = processes.All(static way => way.AllRight);
        Standing nearer = nearest.OverThreads.Quotient();
        // Every way between processes against the variable: the note speaks of them all together.
        int dearer = processes.Count(way => way.OverThreads.Quotient() == Standing.Higher);
        int cheaper = processes.Count(static way => way.OverThreads.Quotient() == Standing.Lower), alike = processes.Length - dearer - cheaper;
        Verdict cost = dearer == processes.Length ? Verdict.Holds : cheaper == processes.Length ? Verdict.DoesNotHoldHere : Verdict.Depends;
        return
        [
            new(
                "N5",
                "Pipes, files and sockets carry messages between processes.",
                Verdicts.Of(allRight),
                $"Everything arrived by {processes.Count(static way => way.AllRight)} of {processes.Length} ways; {figures}."),
            new(
                "N10",
                "Threads talk more cheaply than processes.",
                nearer switch { Standing.Higher => Verdict.Holds, Standing.Lower => Verdict.DoesNotHoldHere, _ => Verdict.Depends },
                nearer == Standing.Unclear ? $"No clear difference from {nearest.Kind.Text()} ({Units.Format(nearest.OverThreads, Unit.Ratio)}). {figures}." : $"{figures}."),
            new(
                "N13",
                "Every way in which processes talk costs more than a variable that threads share.",
                cost,
                $"{dearer} of {processes.Length} ways clearly do{(cheaper > 0 ? $", {cheaper} clearly cost less" : "")}{(alike > 0 ? $"; no clear difference in {alike}" : "")}. Messages of {Units.Format(largest, Unit.Bytes)}: {Units.Format(threads.Throughput(largest), Unit.BytesPerSecond)} between threads, at most {Units.Format(widest.Throughput(largest), Unit.BytesPerSecond)} between processes ({widest.Kind.Text()})."),
        ];
    }
}
