using System.Globalization;

namespace Kernmantle;

/// <summary>How far a map is: <see cref="CallOptions.MapProgress"/>. Immutable.</summary>
public readonly struct MapProgress
{
    private readonly TimeSpan elapsed;

    internal MapProgress(long done, long failed, long? total, TimeSpan elapsed) => (Done, Failed, Total, this.elapsed) = (done, failed, total, elapsed);

    /// <summary>Items that have a result or a failure; of <c>MapAsync</c>, those that its consumer has taken.</summary>
    public long Done { get; }

    /// <summary>Those of them that failed.</summary>
    public long Failed { get; }

    /// <summary>How many there are; null where that is not known before the end.</summary>
    public long? Total { get; }

    /// <summary>Items done in a second, on average since the map began.</summary>
    public double Rate => elapsed > TimeSpan.Zero ? Done / elapsed.TotalSeconds : 0;

    /// <summary>How long the rest takes at that rate; null where that is not known.</summary>
    public TimeSpan? TimeLeft => Total is { } total && Rate > 0 ? TimeSpan.FromSeconds(Math.Min((total - Done) / Rate, TimeSpan.MaxValue.TotalSeconds / 2)) : null;

    /// <summary>For people: how many are done, of how many, and how fast.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Done}{(Total is { } total ? $" of {total}" : "")} done, {Failed} failed, {Rate:0.#}/s");
}
