using System.Runtime.ExceptionServices;

namespace Kernmantle;

/// <summary>One item of a map: its input and its own result or failure. Immutable.</summary>
/// <typeparam name="T">The type of the inputs.</typeparam>
/// <typeparam name="TResult">The type of the results.</typeparam>
public readonly struct MapResult<T, TResult>
{
    private readonly TResult value;

    /// <summary>Makes one by hand, for a test.</summary>
    /// <param name="index">See <see cref="Index"/>.</param>
    /// <param name="input">See <see cref="Input"/>.</param>
    /// <param name="value">See <see cref="Value"/>; of an item that failed, anything.</param>
    /// <param name="failure">See <see cref="Failure"/>.</param>
    public MapResult(long index, T input, TResult value, Exception? failure = null)
    {
        Index = index;
        Input = input;
        this.value = value;
        Failure = failure;
    }

    /// <summary>The position of the item among the inputs, from 0.</summary>
    public long Index { get; }

    /// <summary>The input.</summary>
    public T Input { get; }

    /// <summary>Why this item failed; null if it did not.</summary>
    public Exception? Failure { get; }

    /// <summary>Whether there is a <see cref="Value"/>.</summary>
    public bool IsSuccess => Failure is null;

    /// <summary>The result; throws this item's <see cref="Failure"/> if it failed.</summary>
    public TResult Value
    {
        get
        {
            if (Failure is not null)
                ExceptionDispatchInfo.Throw(Failure);
            return value;
        }
    }

    /// <summary>For people: the item, and what it came to.</summary>
    public override string ToString() => Failure is null ? $"item {Index}: {value}" : new MapFailure(Index, Failure).ToString();
}
