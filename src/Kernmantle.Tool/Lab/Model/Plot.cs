using System.Text.Json.Serialization;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Model;

/// <summary>How a plot is drawn.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PlotKind>))]
internal enum PlotKind
{
    /// <summary>Groups of bars: one group per category, one bar per series.</summary>
    [JsonStringEnumMemberName("bars")] Bars,

    /// <summary>Lines over a numeric axis.</summary>
    [JsonStringEnumMemberName("lines")] Lines,

    /// <summary>Lanes with spans: who did what when, or whose memory a part is.</summary>
    [JsonStringEnumMemberName("spans")] Spans,
}

/// <summary>An axis.</summary>
internal sealed record Axis(string Label, Unit Unit, bool Log = false);

/// <summary>One measured point; <c>Low</c> to <c>High</c> is the middle half of the measurements.</summary>
/// <param name="X">A number, or the index of a category.</param>
internal sealed record Point(double X, double Y, double Low, double High)
{
    public static Point Of(double x, Spread y) => new(x, y.Median, y.LowerQuartile, y.UpperQuartile);
}

/// <summary>One line, or the bars of one colour.</summary>
internal sealed record Series(string Name, IReadOnlyList<Point> Points);

/// <summary>One box of a plot of spans.</summary>
/// <param name="Lane">The index of the first lane.</param>
/// <param name="Lanes">How many lanes it covers.</param>
/// <param name="From">Where it begins on the axis.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Kind">Decides the colour, and stands in the legend.</param>
/// <param name="Text">Written into it, if it has room.</param>
internal sealed record Span(int Lane, int Lanes, double From, double To, string Kind, string? Text = null);

/// <summary>A plot, as data: the report draws it.</summary>
/// <param name="Id">Unique within the report.</param>
/// <param name="Categories">Names of the groups, or of the lanes; null where the axis is numeric.</param>
/// <param name="Series">Of bars and lines.</param>
/// <param name="Columns">Names of the units of a plot of spans whose axis is not numeric.</param>
/// <param name="Spans">Of spans.</param>
internal sealed record Plot(
    string Id,
    string Title,
    PlotKind Kind,
    Axis X,
    Axis Y,
    IReadOnlyList<string>? Categories,
    IReadOnlyList<Series> Series,
    IReadOnlyList<Span> Spans,
    IReadOnlyList<string>? Columns = null)
{
    public static Plot Bars(string id, string title, Axis y, IReadOnlyList<string> categories, params IReadOnlyList<Series> series) =>
        new(id, title, PlotKind.Bars, new("", Unit.Count), y, categories, series, []);

    public static Plot Lines(string id, string title, Axis x, Axis y, params IReadOnlyList<Series> series) =>
        new(id, title, PlotKind.Lines, x, y, null, series, []);

    public static Plot Lanes(string id, string title, Axis x, IReadOnlyList<string> lanes, IReadOnlyList<Span> spans) =>
        new(id, title, PlotKind.Spans, x, new("", Unit.Count), lanes, [], spans);
}
