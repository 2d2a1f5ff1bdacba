using System.Diagnostics;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Telemetry;

/// <summary>A span that has ended in a worker, as it travels to its host. Immutable.</summary>
internal sealed record SpanRecord
{
    /// <summary>More of it stays in the worker.</summary>
    public const int MostTags = 128, MostEvents = 128, MostLinks = 32;

    /// <summary>What one span may weigh with its texts, about, in characters: events and links that are too much stay in the worker.</summary>
    private const int MostCharacters = 64 << 10;

    private const int MostName = 1024;

    public required string Source { get; init; }

    public string? Version { get; init; }

    public required string Name { get; init; }

    public required string DisplayName { get; init; }

    public ActivityKind Kind { get; init; }

    /// <summary>Its trace, its parent, and what that says of recording.</summary>
    public required ActivityContext Parent { get; init; }

    public required ActivitySpanId Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime Started { get; init; }

    public required TimeSpan Duration { get; init; }

    public ActivityStatusCode Status { get; init; }

    public string? StatusText { get; init; }

    public required KeyValuePair<string, object?>[] Tags { get; init; }

    public required ActivityEvent[] Events { get; init; }

    public required ActivityLink[] Links { get; init; }

    public static SpanRecord Of(Activity span)
    {
        int left = MostCharacters;
        return new()
        {
            Source = Cut(span.Source.Name),
            Version = span.Source.Version is { } version ? Cut(version) : null,
            Name = Cut(span.OperationName),
            DisplayName = Cut(span.DisplayName),
            Kind = span.Kind,
            Parent = new(span.TraceId, span.ParentSpanId, span.ActivityTraceFlags, span.TraceStateString),
            Id = span.SpanId,
            Started = span.StartTimeUtc,
            Duration = span.Duration,
            Status = span.Status,
            StatusText = span.StatusDescription is { } text ? TagValues.Cut(text) : null,
            Tags = TagValues.Take(span.TagObjects, MostTags, ref left),
            Events = TakeEvents(span, ref left),
            Links = TakeLinks(span, ref left),
        };
    }

    public void Write(ref PayloadWriter writer)
    {
        writer.WriteString(Source);
        writer.WriteString(Version);
        writer.WriteString(Name);
        writer.WriteString(DisplayName);
        writer.WriteByte((byte)Kind);
        SpanBytes.Write(ref writer, Parent);
        writer.WriteString(Parent.TraceState);
        SpanBytes.Write(ref writer, Id);
        long started = SpanBytes.TimeOf(Started);
        writer.WriteInt64(started);
        writer.WriteInt64(SpanBytes.TimeOf(Started + Duration) - started);
        writer.WriteByte((byte)Status);
        writer.WriteString(StatusText);
        TagValues.Write(ref writer, Tags);
        writer.WriteInt32(Events.Length);
        foreach (ActivityEvent each in Events)
        {
            writer.WriteString(each.Name);
            writer.WriteInt64(SpanBytes.TimeOf(each.Timestamp.UtcDateTime));
            TagValues.Write(ref writer, [.. each.Tags]);
        }
        writer.WriteInt32(Links.Length);
        foreach (ActivityLink each in Links)
        {
            SpanBytes.Write(ref writer, each.Context);
            TagValues.Write(ref writer, [.. each.Tags ?? []]);
        }
    }

    /// <exception cref="InvalidPayloadException">No worker writes this.</exception>
    public static SpanRecord Read(ref PayloadReader reader)
    {
        string source = reader.ReadString() ?? "";
        string? version = reader.ReadString();
        string name = reader.ReadString() ?? "";
        string display = reader.ReadString() ?? name;
        var kind = (ActivityKind)reader.ReadByte();
        ActivityContext parent = SpanBytes.ReadContext(ref reader);
        string? state = reader.ReadString();
        ActivitySpanId id = SpanBytes.ReadId(ref reader);
        long started = reader.ReadInt64(), duration = reader.ReadInt64();
        var status = (ActivityStatusCode)reader.ReadByte();
        if (kind is < ActivityKind.Internal or > ActivityKind.Consumer || status is < ActivityStatusCode.Unset or > ActivityStatusCode.Error || !SpanBytes.IsTime(started) || duration < 0 || !SpanBytes.IsTime(started + duration))
            throw new InvalidPayloadException($"A span of kind {(int)kind} and status {(int)status} that began at {started} and took {duration}.");
        string? statusText = reader.ReadString();
        KeyValuePair<string, object?>[] tags = TagValues.Read(ref reader, MostTags);
        var events = new ActivityEvent[TagValues.ReadCount(ref reader, MostEvents)];
        for (int i = 0; i < events.Length; i++)
            events[i] = SpanBytes.ReadEvent(ref reader);
        var links = new ActivityLink[TagValues.ReadCount(ref reader, MostLinks)];
        for (int i = 0; i < links.Length; i++)
            links[i] = new(SpanBytes.ReadContext(ref reader), [.. TagValues.Read(ref reader, MostTags)]);
        if (reader.Remaining != 0)
            throw new InvalidPayloadException($"{reader.Remaining} bytes after a span.");
        return new()
        {
            Source = source, Version = version, Name = name, DisplayName = display, Kind = kind, Id = id, Status = status, StatusText = statusText,
            Parent = new(parent.TraceId, parent.SpanId, parent.TraceFlags, state, isRemote: true),
            Started = new(started, DateTimeKind.Utc), Duration = new(duration), Tags = tags, Events = events, Links = links,
        };
    }

    private static ActivityEvent[] TakeEvents(Activity span, ref int left)
    {
        var taken = new List<ActivityEvent>();
        foreach (ref readonly ActivityEvent each in span.EnumerateEvents())
        {
            if (taken.Count == MostEvents || left <= 0)
                break;
            taken.Add(new(Cut(each.Name), each.Timestamp, [.. TagValues.Take(each.Tags, MostTags, ref left)]));
        }
        return [.. taken];
    }

    private static ActivityLink[] TakeLinks(Activity span, ref int left)
    {
        var taken = new List<ActivityLink>();
        foreach (ref readonly ActivityLink each in span.EnumerateLinks())
        {
            if (taken.Count == MostLinks || left <= 0)
                break;
            taken.Add(new(each.Context, [.. TagValues.Take(each.Tags ?? [], MostTags, ref left)]));
        }
        return [.. taken];
    }

    private static string Cut(string name) => name.Length > MostName ? name[..MostName] : name;
}
