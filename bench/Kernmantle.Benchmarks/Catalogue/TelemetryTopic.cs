using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>What it costs that somebody listens to metrics, or to traces, or looks.</summary>
internal static class TelemetryTopic
{
    /// <summary>Nanoseconds that a call may take longer when it is measured.</summary>
    private const double Measured = 150;

    /// <summary>What a call may take while a page of the dashboard is open, to what it takes without: 5 % fewer calls a second.</summary>
    private const double LookedAt = 1 / 0.95;

    public static Topic Topic => new(
        [Telemetry],
        [
            new("telemetry", "no-op Run while somebody measures", "ours.run-measured", ["ours.run"], AtMostTimes, 1, Slack: Measured),
            new("telemetry", "no-op RunAsync while somebody measures", "ours.run-async-measured", ["ours.run-async"], AtMostTimes, 1, Slack: Measured),
            new("telemetry", "no-op Run while somebody looks", "ours.run-looked-at", ["ours.run"], AtMostTimes, LookedAt),
            new("telemetry", "no-op RunAsync while somebody looks", "ours.run-async-looked-at", ["ours.run-async"], AtMostTimes, LookedAt),
        ]);

    private static Group Telemetry { get; } = new(
        "telemetry",
        "No-op call while somebody listens",
        new(Ours, "run", "process pool, Run, nobody listens"),
        new(Ours, "run-measured", "process pool, Run, measured"),
        new(Ours, "run-looked-at", "process pool, Run, a page of the dashboard is open"),
        new(Ours, "run-traced", "process pool, Run, traced, and with a span in the worker"),
        new(Ours, "run-async", "process pool, await RunAsync, nobody listens"),
        new(Ours, "run-async-measured", "process pool, await RunAsync, measured"),
        new(Ours, "run-async-looked-at", "process pool, await RunAsync, a page of the dashboard is open"));
}
