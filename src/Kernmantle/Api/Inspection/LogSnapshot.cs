namespace Kernmantle;

/// <summary>A record of the log of pools and workers. Immutable.</summary>
public sealed class LogSnapshot
{
    /// <summary>From 1, in the order of the records: for <see cref="Inspector.Take"/>.</summary>
    public long Number { get; init; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Its level: <c>Trace</c> to <c>Critical</c>.</summary>
    public string Level { get; init; } = "";

    /// <summary>Its pool; null where it belongs to none.</summary>
    public string? Pool { get; init; }

    /// <summary>The worker that wrote it, or that it tells of; null for none.</summary>
    public string? Worker { get; init; }

    /// <summary>Its category.</summary>
    public string Category { get; init; } = "";

    /// <summary>Its id: docs/logging.md lists those of this library; 0 for none.</summary>
    public int EventId { get; init; }

    /// <summary>The text, at most 4000 characters.</summary>
    public string Text { get; init; } = "";
}
