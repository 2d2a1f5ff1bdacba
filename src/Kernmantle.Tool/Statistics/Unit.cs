using System.Globalization;
using System.Text.Json.Serialization;

namespace Kernmantle.Tool.Statistics;

/// <summary>What a figure counts. Figures are kept in these base units; only <see cref="Units"/> scales them, for reading.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Unit>))]
internal enum Unit
{
    [JsonStringEnumMemberName("count")] Count,
    [JsonStringEnumMemberName("s")] Seconds,
    [JsonStringEnumMemberName("B")] Bytes,
    [JsonStringEnumMemberName("B/s")] BytesPerSecond,
    [JsonStringEnumMemberName("1/s")] PerSecond,
    [JsonStringEnumMemberName("ratio")] Ratio,
    [JsonStringEnumMemberName("fraction")] Fraction,

    /// <summary>1 for yes, 0 for no.</summary>
    [JsonStringEnumMemberName("truth")] Truth,
}

/// <summary>Figures for people: three significant digits and a unit of fitting size.</summary>
internal static class Units
{
    private static readonly (double Size, string Name)[] Times = [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
    private static readonly (double Size, string Name)[] Sizes = [(1L << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")];
    private static readonly (double Size, string Name)[] Rates = [(1e9, "G/s"), (1e6, "M/s"), (1e3, "k/s"), (1, "/s")];

    public static string Format(double value, Unit unit) => unit switch
    {
        Unit.Seconds => Scaled(value, Times),
        Unit.Bytes => Scaled(value, Sizes),
        Unit.BytesPerSecond => Scaled(value, Sizes) + "/s",
        Unit.PerSecond => Scaled(value, Rates),
        Unit.Ratio => Digits(value) + " ×",
        Unit.Truth => value != 0 ? "yes" : "no",
        Unit.Fraction => Digits(value * 100) + " %",
        _ => Math.Abs(value) >= 1000 || Math.Abs(value - Math.Round(value)) < 0.005 ? value.ToString("#,0", CultureInfo.InvariantCulture) : Digits(value),
    };

    /// <summary>The median, and the middle half of the measurements where there are several.</summary>
    public static string Format(Spread spread, Unit unit)
    {
        string median = Format(spread.Median, unit), half = MiddleHalf(spread, unit);
        return half.Length == 0 ? median : $"{median} ({half})";
    }

    /// <summary>From quartile to quartile; empty where they read the same.</summary>
    public static string MiddleHalf(Spread spread, Unit unit)
    {
        string lower = Format(spread.LowerQuartile, unit), upper = Format(spread.UpperQuartile, unit);
        return lower == upper ? "" : $"{lower} – {upper}";
    }

    private static string Scaled(double value, (double Size, string Name)[] steps)
    {
        if (value == 0)
            return $"0 {steps.First(static step => step.Size == 1).Name}";
        foreach ((double size, string name) in steps)
        {
            // 999.6 of the smaller unit would be written as 1000.
            if (Math.Abs(value) >= size * 0.9995 || size == steps[^1].Size)
                return $"{(steps == Sizes && value % size == 0 ? (value / size).ToString("#,0", CultureInfo.InvariantCulture) : Digits(value / size))} {name}";
        }
        throw new InvalidOperationException("The last step takes every value.");
    }

    private static string Digits(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 99.95 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###e0", CultureInfo.InvariantCulture),
    };
}
