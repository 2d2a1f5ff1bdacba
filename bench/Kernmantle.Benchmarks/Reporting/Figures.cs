using System.Globalization;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    public static string Text(double value, string unit) => unit switch
    {
        "ns" when value >= 1e9 => $"{Number(value / 1e9)} s",
        "ns" when value >= 1e6 => $"{Number(value / 1e6)} ms",
        "ns" when value >= 1e3 => $"{Number(value / 1e3)} µs",
        "ns" => $"{Number(value)} ns",
        "B" when value >= 1e6 => $"{Number(value / 1e6)} MB",
        "B/s" => $"{Number(value / 1e9)} GB/s",
        "×" => Number(value),
        _ => $"{Number(value)} {unit}",
    };

    public static string Number(double value) =>
        value.ToString(Math.Abs(value) < 0.1 ? "0.0000" : Math.Abs(value) < 10 ? "0.00" : Math.Abs(value) < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}
