using System.Text.Json;
using System.Text.Json.Serialization;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Statistics;
using Spectre.Console;

namespace Kernmantle.Tool.Compare;

/// <summary>The comparison as two tables and two sentences, and as JSON.</summary>
internal static class CompareReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public static void Write(Screen screen, string subject, int inputs, IReadOnlyList<PlaceResult> places)
    {
        PlaceResult sequential = places[0];
        screen.Line($"{subject}, {inputs} calls a round, {places.Max(static p => p.Rounds.Count)} rounds in turns");
        Table times = screen.Table("place", ">wall", ">speed-up", ">CPU", "results");
        foreach (PlaceResult place in places)
        {
            if (place.Rounds.Count == 0)
                times.AddRow(Texts(place.Name, "-", "-", "-", place.Ended ?? "not measured"));
            else
                times.AddRow(Texts(place.Name, Units.Format(place.Wall, Unit.Seconds), sequential.Rounds.Count > 0 ? Units.Format(sequential.Wall.Median / place.Wall.Median, Unit.Ratio) : "-", Units.Format(place.Processor.Median, Unit.Seconds), Results(place, sequential)));
        }
        screen.Out.Write(times);
        Table memory = screen.Table("place", ">peak memory", ">allocated", ">GC pause", ">switches");
        foreach (PlaceResult place in places.Where(static p => p.Rounds.Count > 0))
        {
            memory.AddRow(Texts(
                place.Name,
                Units.Format(place.PeakMemory.Median, Unit.Bytes),
                place.Rounds[0].Allocated is null ? "-" : Units.Format(Spread.Of(place.Rounds.Select(static r => (double)r.Allocated!)).Median, Unit.Bytes),
                place.Rounds[0].GcPause is null ? "-" : Units.Format(Spread.Of(place.Rounds.Select(static r => r.GcPause!.Value)).Median, Unit.Seconds),
                Units.Format(Spread.Of(place.Rounds.Select(static r => (double)r.Switches)).Median, Unit.Count)));
        }
        screen.Out.Write(memory);
        screen.Line(Recommendation.Of(places));
    }

    public static string ToJson(string subject, int inputs, IReadOnlyList<PlaceResult> places) => JsonSerializer.Serialize(
        new
        {
            schema = 1,
            subject,
            calls = inputs,
            places = places.Select(place => new
            {
                place.Place,
                place.Name,
                place.Ended,
                agrees = place.Rounds.Count > 0 && places[0].Rounds.Count > 0 && place.Agrees(places[0]),
                wallSeconds = place.Rounds.Count > 0 ? place.Wall : null,
                processorSeconds = place.Rounds.Count > 0 ? place.Processor : null,
                place.Rounds,
            }),
            recommendation = Recommendation.Of(places),
        },
        Json);

    private static string Results(PlaceResult place, PlaceResult sequential) =>
        place.Ended is not null ? place.Ended
        : place.Outcome is { Failures: > 0 } failed ? $"{failed.Failures} failed: {failed.FirstFailure}"
        : sequential.Rounds.Count == 0 || place.Agrees(sequential) ? "the same"
        : "other ones";

    private static Text[] Texts(params string[] cells) => [.. cells.Select(static c => new Text(c))];
}
