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
        // Every way between processes against the variable: the note speaks of them all together.
        int dearer = processes.Count(way => way.OverThreads.Quotient() == Standing.Higher);
        int cheaper = processes.Count(static way => way.OverThreads.Quotient() == Standing.Lower), alike = processes.Length - dearer - cheaper;
        Verdict cost = dearer == processes.Length ? Verdict.Holds : cheaper == processes.Length ? Verdict.DoesNotHoldHere : Verdict.Depends;
        WayMeasured[] channels = [.. measured.Channels.Where(static channel => !channel.Kind.IsOfThreads())];
        WayMeasured nearestChannel = channels.MinBy(way => way.Seconds[smallest].Median)!, ofThreads = measured.Of(WireKind.ThreadChannel);
        string channelNear = $"a {nearestChannel.Kind.Text()}";
        string ByEach(Func<WayMeasured, IReadOnlyDictionary<int, Spread>> seconds) =>
            string.Join(", ", channels.Select(channel => $"{Units.Format(seconds(channel)[smallest].Median, Unit.Seconds)} by {channel.Kind.WithoutChannel().Text()}"));
        return
        [
            new(
                "N5",
                "Pipes, files and sockets carry messages between processes.",
                Verdicts.Of(allRight),
                $"Everything arrived by {processes.Count(static way => way.AllRight)} of {processes.Length} ways; {figures}."),
            new(
                "N5",
                "One channel carries items between processes by each of these ways; only its option differs.",
                Verdicts.Of(channels.All(static channel => channel.AllRight)),
                $"Everything arrived by {channels.Count(static channel => channel.AllRight)} of {channels.Length} ways. {size} and an answer: {ByEach(static channel => channel.Seconds)}; one way, each of many: {ByEach(static channel => channel.OneWay)}."),
            Cheaper("Threads talk more cheaply than processes.", nearest.OverThreads, nearest.Kind.Text(), $"{figures}."),
            Cheaper(
                "A channel between two threads costs less than one between two processes.",
                nearestChannel.OverThreads,
                channelNear,
                $"{size} and an answer: {Units.Format(ofThreads.Seconds[smallest].Median, Unit.Seconds)} by Channel<T> between threads, {Units.Format(nearestChannel.Seconds[smallest].Median, Unit.Seconds)} by {channelNear}. One way, each of many: {Units.Format(ofThreads.OneWay[smallest].Median, Unit.Seconds)} and {Units.Format(nearestChannel.OneWay[smallest].Median, Unit.Seconds)}."),
            new(
                "N13",
                "Every way in which processes talk costs more than a variable that threads share.",
                cost,
                $"{dearer} of {processes.Length} ways clearly do{(cheaper > 0 ? $", {cheaper} clearly cost less" : "")}{(alike > 0 ? $"; no clear difference in {alike}" : "")}. Messages of {Units.Format(largest, Unit.Bytes)}: {Units.Format(threads.Throughput(largest), Unit.BytesPerSecond)} between threads, at most {Units.Format(widest.Throughput(largest), Unit.BytesPerSecond)} between processes ({widest.Kind.Text()})."),
        ];
    }

    /// <param name="overThreads">The cheapest way between processes, against the one between threads.</param>
    private static Finding Cheaper(string statement, Spread overThreads, string nearest, string figures)
    {
        Standing standing = overThreads.Quotient();
        return new(
            "N10",
            statement,
            standing switch { Standing.Higher => Verdict.Holds, Standing.Lower => Verdict.DoesNotHoldHere, _ => Verdict.Depends },
            standing == Standing.Unclear ? $"No clear difference from {nearest} ({Units.Format(overThreads, Unit.Ratio)}). {figures}" : figures);
    }
}
