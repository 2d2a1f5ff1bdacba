using System.Text.Json;

namespace Kernmantle.Benchmarks.Measuring;

/// <summary>What every measuring program, in every language, prints for a measurement: one line of JSON.</summary>
/// <param name="Metric">Which of the program's measurements; null or empty for the main one.</param>
/// <param name="Unit"><c>ns</c>, <c>B</c>, <c>calls/s</c>, <c>items/s</c>, <c>B/s</c> or <c>×</c>.</param>
/// <param name="N">How many samples.</param>
internal sealed record Line(string? Metric, string Unit, double Min, double P50, double P99, long N)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>A single value.</summary>
    public static Line Of(double value, string unit, string metric = "", long n = 1) => new(metric, unit, value, value, value, n);

    /// <summary>Reduces samples; a quantile is the value at that rank, without interpolation.</summary>
    public static Line Of(Span<long> samples, string metric = "")
    {
        if (samples.IsEmpty)
            throw new InvalidOperationException("Nothing was measured.");
        samples.Sort();
        return new(metric, "ns", samples[0], samples[samples.Length / 2], samples[(int)(samples.Length * 99L / 100)], samples.Length);
    }

    public static Line? TryParse(string text)
    {
        try
        {
            return text.StartsWith('{') ? JsonSerializer.Deserialize<Line>(text, Format) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Print() => Console.Out.WriteLine(JsonSerializer.Serialize(this, Format));
}
