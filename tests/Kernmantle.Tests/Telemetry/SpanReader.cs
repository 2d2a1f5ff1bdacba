using System.Collections.Concurrent;
using System.Diagnostics;

namespace Kernmantle.Tests.Telemetry;

/// <summary>Collects the spans of one trace; others of the process are none of its affair.</summary>
internal sealed class SpanReader : IDisposable
{
    public const string Source = "Kernmantle.Tests";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>That of the tests' own spans, in the host and in workers.</summary>
    public static readonly ActivitySource Own = new(Source, "1.2");

    private readonly ActivityTraceId trace = ActivityTraceId.CreateRandom();
    private readonly ActivityListener listener = new();
    private readonly ConcurrentQueue<Activity> stopped = new();

    /// <param name="onSample">Runs as a span of that trace is to be made by the library.</param>
    /// <param name="sampled">Spans are recorded.</param>
    /// <param name="sources">Further sources.</param>
    public SpanReader(Action? onSample = null, bool sampled = true, params string[] sources)
    {
        listener.ShouldListenTo = source => source.Name is Source or KernmantleTelemetry.Name || sources.Contains(source.Name);
        listener.Sample = (ref options) =>
        {
            if (options.Parent.TraceId != trace)
                return ActivitySamplingResult.None;
            if (options.Source.Name == KernmantleTelemetry.Name)
                onSample?.Invoke();
            return sampled ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData;
        };
        listener.ActivityStopped = span =>
        {
            if (span.TraceId != trace)
                return;
            stopped.Enqueue(span);
            OnStopped(span);
        };
        Flags = sampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
        ActivitySource.AddActivityListener(listener);
    }

    public Action<Activity> OnStopped { get; set; } = static _ => { };

    private ActivityTraceFlags Flags { get; }

    public IEnumerable<Activity> Stopped => stopped;

    /// <summary>Begins the trace: it is the caller's span until it is disposed of.</summary>
    public Activity Root()
    {
        Activity root = new Activity("root").SetParentId(trace, ActivitySpanId.CreateRandom(), Flags);
        return root.Start();
    }

    /// <summary>The span of that name, when it has been told of.</summary>
    public async Task<Activity> TakeAsync(string name) => (await TakeAsync(spans => spans.Any(s => s.DisplayName == name))).First(s => s.DisplayName == name);

    public async Task<Activity[]> TakeAsync(Predicate<Activity[]> isThere)
    {
        using var giveUp = new CancellationTokenSource(Deadline);
        while (!isThere([.. stopped]))
            await Task.Delay(TimeSpan.FromMilliseconds(5), giveUp.Token);
        return [.. stopped];
    }

    public void Dispose() => listener.Dispose();
}
