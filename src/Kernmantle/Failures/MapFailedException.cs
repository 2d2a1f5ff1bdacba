using System.Collections;

namespace Kernmantle;

/// <summary>One item of a map that failed. Immutable.</summary>
/// <param name="index">See <see cref="Index"/>.</param>
/// <param name="failure">See <see cref="Failure"/>.</param>
public readonly struct MapFailure(long index, Exception failure)
{
    /// <summary>Its position among the inputs, from 0.</summary>
    public long Index => index;

    /// <summary>Why it failed.</summary>
    public Exception Failure => failure;

    /// <summary>For people: the item, and why it failed.</summary>
    public override string ToString() => failure is null ? $"item {index}" : $"item {index} failed: {failure.GetType().Name}: {failure.Message}";
}

/// <summary>
/// Items of a map failed whose results were to come as one array. Pool and workers remain usable; so are the results that are there, by <see cref="GetResults"/>.
/// </summary>
public sealed class MapFailedException : WorkerException
{
    private readonly Array results;
    private readonly BitArray? present;
    private readonly long count;

    /// <summary>Makes one by hand, for a test.</summary>
    /// <param name="failures">See <see cref="Failures"/>; at least one.</param>
    /// <param name="results">See <see cref="GetResults"/>.</param>
    public MapFailedException(IReadOnlyList<MapFailure> failures, Array results)
        : this(failures, results, null, results?.Length ?? 0)
    {
    }

    internal MapFailedException(IReadOnlyList<MapFailure> failures, Array results, BitArray? present, long count)
        : base(TextOf(failures, count), failures![0].Failure)
    {
        ArgumentNullException.ThrowIfNull(results);
        (Failures, this.results, this.present, this.count) = (failures, results, present, count);
    }

    /// <summary>Which items failed, and why, in the order of the inputs. With <see cref="CallOptions.StopAtFirstFailure"/> those that had failed until all stopped.</summary>
    public IReadOnlyList<MapFailure> Failures { get; }

    /// <summary>The results, in the order of the inputs; the default value where <see cref="HasResult"/> says that there is none. Empty for <c>ForEachAsync</c>.</summary>
    /// <typeparam name="TResult">As the map's.</typeparam>
    /// <exception cref="InvalidCastException">The map's results are of another type.</exception>
    public TResult[] GetResults<TResult>() => results as TResult[] ?? throw new InvalidCastException($"The results of this map are of type {results.GetType().GetElementType()}, not {typeof(TResult)}: ask for those.");

    /// <summary>Whether the item of that index has succeeded.</summary>
    /// <param name="index">Its position among the inputs, from 0.</param>
    public bool HasResult(long index) => index >= 0 && index < count && (present is null ? IndexOf(index) < 0 : index < present.Length && present[(int)index]);

    private int IndexOf(long index)
    {
        int low = 0, high = Failures.Count - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) / 2);
            long found = Failures[middle].Index;
            if (found == index)
                return middle;
            if (found < index)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    private static string TextOf(IReadOnlyList<MapFailure> failures, long count)
    {
        ArgumentNullException.ThrowIfNull(failures);
        ArgumentOutOfRangeException.ThrowIfZero(failures.Count, nameof(failures));
        return $"{failures.Count} of {count} items of a map failed; {nameof(Failures)} has them all, {nameof(GetResults)} the results of the others. The first is item {failures[0].Index}: {failures[0].Failure.Message}";
    }
}
