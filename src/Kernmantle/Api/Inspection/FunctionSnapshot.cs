namespace Kernmantle;

/// <summary>
/// The calls of one function in one pool, as far as somebody has looked. Times are from when a worker got the call to when its end was heard of; those of maps are means, and of calls of some microseconds every eighth is timed. They are within an
/// eighth. Immutable.
/// </summary>
public sealed class FunctionSnapshot
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Calls, and items of maps, that returned a result.</summary>
    public long Completed { get; init; }

    /// <summary>Those that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Those that were cancelled.</summary>
    public long Cancelled { get; init; }

    /// <summary>All of its calls together, in seconds.</summary>
    public double TotalSeconds { get; init; }

    /// <summary>The median, in seconds.</summary>
    public double P50 { get; init; }

    /// <summary>Nine of ten took no longer, in seconds.</summary>
    public double P90 { get; init; }

    /// <summary>Ninety-nine of a hundred took no longer, in seconds.</summary>
    public double P99 { get; init; }

    /// <summary>The longest, in seconds.</summary>
    public double Longest { get; init; }

    /// <summary>How many took how long, of those that were timed: a part for each power of two.</summary>
    public IReadOnlyList<LatencySnapshot> Histogram { get; init; } = [];
}

/// <summary>A part of a histogram. Immutable.</summary>
public sealed class LatencySnapshot
{
    /// <summary>Its calls took at least so long, in seconds, and less than twice that.</summary>
    public double From { get; init; }

    /// <summary>How many.</summary>
    public long Calls { get; init; }
}
