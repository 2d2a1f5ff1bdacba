using System.Collections.Concurrent;
using System.Diagnostics;

namespace Kernmantle.Telemetry;

/// <summary>A span of a worker, told again in its host as if it had been one of its own, under its own id.</summary>
internal sealed class WorkerSpan(SpanRecord record, int bytes, string worker, int processId, ListenerFailures failures) : EndedSpan(failures, bytes)
{
    /// <summary>A worker names its sources, and they last for ever: further ones are told of as the library's own.</summary>
    private const int MostSources = 256;

    private static readonly ConcurrentDictionary<(string Name, string? Version), ActivitySource> Sources = new();

    protected override void Record()
    {
        ActivitySource source = SourceOf(record.Source, record.Version);
        if (!source.HasListeners() || source.CreateActivity(record.Name, record.Kind, record.Parent, record.Tags, record.Links, ActivityIdFormat.W3C) is not { } span)
            return;   // nobody wants it, or its sampler does not
        span.SetStartTime(record.Started);
        span.Start();
        if (SpanIdentity.CanBeSet)
            SpanIdentity.Set(span, record.Id);
        span.DisplayName = record.DisplayName;
        span.SetStatus(record.Status, record.StatusText);
        foreach (ActivityEvent each in record.Events)
            span.AddEvent(each);
        span.SetTag("kernmantle.worker", worker);
        span.SetTag("process.pid", processId);
        span.SetEndTime(record.Started + record.Duration);
        span.Stop();
    }

    private static ActivitySource SourceOf(string name, string? version) =>
        name == KernmantleTelemetry.Name || (Sources.Count >= MostSources && !Sources.ContainsKey((name, version)))
            ? KernmantleTelemetry.Source
            : Sources.GetOrAdd((name, version), static key => new(key.Name, key.Version));
}
