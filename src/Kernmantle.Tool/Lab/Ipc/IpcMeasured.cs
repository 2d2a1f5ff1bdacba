using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>One way to talk.</summary>
/// <param name="Seconds">For each size in bytes: from sending a message to having its answer of one byte.</param>
/// <param name="OneWay">For each of many messages of which only the last is answered; empty where there is room for one.</param>
/// <param name="OverThreads">The smallest message, against what threads have: a variable that they share, for channels the platform's. Round by round.</param>
/// <param name="AllRight">Every answer fitted its message.</param>
internal sealed record WayMeasured(WireKind Kind, IReadOnlyDictionary<int, Spread> Seconds, IReadOnlyDictionary<int, Spread> OneWay, Spread OverThreads, bool AllRight)
{
    public string Name => Kind.ToString().ToLowerInvariant();

    public int Smallest => Seconds.Keys.Min();

    public double Throughput(int size) => size / Seconds[size].Median;
}

/// <summary>The measurements of <c>ipc</c>.</summary>
internal sealed record IpcMeasured(IReadOnlyList<WayMeasured> All)
{
    /// <summary>Those without channels.</summary>
    public IEnumerable<WayMeasured> Ways => All.Where(static way => !way.Kind.IsChannel());

    public WayMeasured Threads => Of(WireKind.SharedVariable);

    public IEnumerable<WayMeasured> Processes => Ways.Where(static way => !way.Kind.IsOfThreads());

    /// <summary>Those of threads, too.</summary>
    public IReadOnlyList<WayMeasured> Channels => [.. All.Where(static way => way.Kind.IsChannel())];

    public WayMeasured Of(WireKind kind) => All.Single(way => way.Kind == kind);

    public IReadOnlyList<Figure> Figures() =>
    [
        .. All.SelectMany(static way => way.Seconds.Select(pair => Figure.Seconds($"{way.Name}.{pair.Key}", $"{way.Kind.Text()}, {Units.Format(pair.Key, Unit.Bytes)}", pair.Value))),
        .. All.SelectMany(static way => way.OneWay.Select(pair => Figure.Seconds($"{way.Name}.oneWay.{pair.Key}", $"{way.Kind.Text()}, {Units.Format(pair.Key, Unit.Bytes)} one way", pair.Value))),
        .. All.Where(static way => !way.Kind.IsOfThreads()).Select(static way =>
            Figure.Ratio($"{way.Name}.overThreads", $"{way.Kind.Text()} against {(way.Kind.IsChannel() ? "Channel<T> of threads" : "a shared variable")}, smallest message", way.OverThreads)),
        .. All.Select(static way => Figure.Fact($"{way.Name}.right", $"{way.Kind.Text()}: everything arrived", way.AllRight)),
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
        Plot.Bars(
            "ipc-channels",
            "The same channel by each way, the smallest item",
            new("time", Unit.Seconds, Log: true),
            [.. Channels.Select(static channel => channel.Kind.IsOfThreads() ? "threads" : channel.Kind.WithoutChannel().Text())],
            new Series("there and back", [.. Channels.Select(static (channel, index) => Point.Of(index, channel.Seconds[channel.Smallest]))]),
            new Series("the same without a channel", [.. Channels.Select((channel, index) => Point.Of(index, Of(channel.Kind.WithoutChannel()).Seconds[channel.Smallest]))]),
            new Series("one way", [.. Channels.Select(static (channel, index) => Point.Of(index, channel.OneWay[channel.Smallest]))])),
    ];

    public IReadOnlyList<TextTable> Tables() => [Messages(), Items()];

    private TextTable Messages()
    {
        int[] sizes = [.. Threads.Seconds.Keys.Order()];
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

    /// <summary>Each channel, and below it the same way without one.</summary>
    private TextTable Items()
    {
        int[] sizes = [.. Channels[0].Seconds.Keys.Order()];
        string[] Row(WayMeasured way) =>
        [
            way.Kind.Text(),
            .. sizes.Select(size => Units.Format(way.Seconds[size].Median, Unit.Seconds)),
            .. sizes.Select(size => way.OneWay.TryGetValue(size, out Spread? each) ? Units.Format(each.Median, Unit.Seconds) : "-"),
        ];
        return new(
            "The same channel by each way, and below it that way alone: there and back, and each of many one way; the medians",
            ["", .. sizes.Select(static size => $">{Units.Format(size, Unit.Bytes)} and back"), .. sizes.Select(static size => $">{Units.Format(size, Unit.Bytes)} one way")],
            [.. Channels.SelectMany(channel => (string[][])[Row(channel), Row(Of(channel.Kind.WithoutChannel()))])]);
    }
}
