using System.Diagnostics;
using Kernmantle.Telemetry;

namespace Kernmantle;

/// <summary>
/// Where the library's metrics and traces are found: <c>AddMeter(KernmantleTelemetry.Name)</c> and <c>AddSource(KernmantleTelemetry.Name)</c> for OpenTelemetry, a
/// <see cref="System.Diagnostics.Metrics.MeterListener"/> and an <see cref="ActivityListener"/> for others. What there is: docs/telemetry.md.
/// </summary>
public static class KernmantleTelemetry
{
    /// <summary>The name of the meter and of the activity source: <c>Kernmantle</c>.</summary>
    public const string Name = "Kernmantle";

    internal static string? Version { get; } = typeof(KernmantleTelemetry).Assembly.GetName().Version?.ToString(3);

    /// <summary>Of the spans of calls.</summary>
    internal static ActivitySource Source { get; } = new(Name, Version);
}
