using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>One way to talk.</summary>
/// <param name="Seconds">For each size in bytes: from sending a message to having its answer of one byte.</param>
/// <param name="OverThreads">The smallest message, against a variable that threads share, round by round.</param>
/// <param name="AllRight">Every answer fitted its message.</param>
internal sealed record WayMeasured(WireKind Kind, IReadOnlyDictionary<int, Spread> Seconds, Spread OverThreads, bool AllRight)
{
    public int Smallest => Seconds.Keys.Min();

    public double Throughput(int size) => size / Seconds[size].Median;
}

/// <summary>The measurements of <c>ipc</c>.</summary>
internal sealed record IpcMeasured(IReadOnlyList<WayMeasured> Ways)
{
    public WayMeasured Threads => Ways.Single(static way => way.Kind == WireKind.SharedVariable);

    public IEnumerable<WayMeasured> Processes => Ways.Where(static way => way.Kind != WireKind.SharedVariable);

    public IReadOnlyList<Figure> Figures() =>
    [
        .. Ways.SelectMany(static way => way.Seconds.Select(pair =>
            Figure.Seconds($"{way.Kind.ToString().ToLowerInvariant()}.{pair.Key}", $"{way.Kind.Text()}, {Units.Format(pair.Key, Unit.Bytes)}", pair.Value))),
        .. Processes.Select(static way => Figure.Ratio($"{way.Kind.ToString().ToLowerInvariant()}.overThreads", $"{way.Kind.Text()} against a shared variable, smallest message", way.OverThreads)),
        .. Ways.Select(static way => Figure.Fact($"{way.Kind.ToString().ToLowerInvariant()}.right", $"{way.Kind.Text()}: everything arrived", way.AllRight)),
    ];

    public IReadOnlyList<Plot> Plots() =>
    [
        Plot.Lines(
            "ipc-time",
            "One message there, one byte back",
            new("size of the message", Unit.Bytes, Log: true),
            new("time", Unit.Seconds, Log: true),
            [.. Ways.Select(static way => new Series(way.Kind.Text(), [.. way.Seconds.Select(static pair => Point.Of(pair.Key, pair.Value))]))]),
        Plot.Lines(
            "ipc-throughput",
            "Throughput",
            new("size of the message", Unit.Bytes, Log: true),
            new("bytes per second", Unit.BytesPerSecond, Log: true),
            [.. Ways.Select(static way => new Series(
                way.Kind.Text(),
                [.. way.Seconds.Select(static pair => new Point(pair.Key, pair.Key / pair.Value.Median, pair.Key / pair.Value.UpperQuartile, pair.Key / pair.Value.LowerQuartile))]))]),
    ];

    public TextTable Table()
    {
        int[] sizes = [.. Ways[0].Seconds.Keys.Order()];
        return new(
            "One message there, one byte back; the medians, and the throughput of the largest",
            ["", .. sizes.Select(static size => $">{Units.Format(size, Unit.Bytes)}"), ">throughput"],
            [.. Ways.Select(way => (string[])
            [
                way.Kind.Text(),
                .. sizes.Select(size => Units.Format(way.Seconds[size].Median, Unit.Seconds)),
                Units.Format(way.Throughput(sizes[^1]), Unit.BytesPerSecond),
            ])]);
    }
}
