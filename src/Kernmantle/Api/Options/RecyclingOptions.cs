namespace Kernmantle;

/// <summary>
/// When a worker that is well is replaced nevertheless, between two calls: against leaks, in native code above all. Immutable; what is not set
/// replaces nothing. Without <see cref="ProcessPoolOptions.Spares"/> the worker's place is empty until its successor has started.
/// </summary>
/// <remarks>
/// A worker in which objects of <see cref="Remote{T}"/> live is left alone until they are disposed of. Static state of the worker is lost, also
/// for calls of one <see cref="CallOptions.Key"/>.
/// </remarks>
public sealed class RecyclingOptions
{
    /// <summary>After so many calls; 1 or more. Short calls that the worker was handed in advance are still run, up to some hundred.</summary>
    public long? Calls { get; init; }

    /// <summary>When the worker is so old, idle or after its present call; 1 s or more.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>
    /// When the worker has so many more bytes resident than after its first call; 1 MiB or more. Looked at after a call, every 10 ms at most.
    /// A runtime's heap grows at first whatever it runs.
    /// </summary>
    public long? MemoryGrowthBytes { get; init; }

    internal void Validate()
    {
        if (Calls is { } calls)
            ArgumentOutOfRangeException.ThrowIfLessThan(calls, 1, nameof(Calls));
        if (Age is { } age && (age < TimeSpan.FromSeconds(1) || age > TimeSpan.FromDays(365)))
            throw new ArgumentOutOfRangeException(nameof(Age), age, "From 1 s to 365 days are possible; null is no limit.");
        if (MemoryGrowthBytes is { } growth)
            ArgumentOutOfRangeException.ThrowIfLessThan(growth, 1L << 20, nameof(MemoryGrowthBytes));
    }
}
