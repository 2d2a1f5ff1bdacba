namespace Kernmantle;

/// <summary>An attempt that an inline pool is about to make: what <see cref="InlinePoolOptions.FailureGenerator"/> decides by. Immutable.</summary>
public sealed class InlineCall
{
    internal InlineCall(string name, int attempt, long number, IReadOnlyList<object?> arguments) =>
        (Name, Attempt, Number, Arguments) = (name, attempt, number, arguments);

    /// <summary>The call's name: that of its options, else the function's.</summary>
    public string Name { get; }

    /// <summary>Which attempt at the call it is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>How many attempts the pool has made, this one included, whatever call they were of.</summary>
    public long Number { get; }

    /// <summary>The arguments, as the caller has them: of an item of a map, the input. Without a token, and without the object that the function is called on.</summary>
    public IReadOnlyList<object?> Arguments { get; }
}
