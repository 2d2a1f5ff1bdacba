namespace Kernmantle.Scheduling.Calls;

/// <summary>How one attempt at a call came out.</summary>
internal class Outcome
{
    private Outcome(Exception? failure, bool isCancelled)
    {
        Failure = failure;
        IsCancelled = isCancelled;
    }

    public static Outcome Cancelled { get; } = new(null, true);

    /// <summary>Success without a value.</summary>
    public static Outcome Done { get; } = new(null, false);

    public Exception? Failure { get; }

    public bool IsCancelled { get; }

    public static Outcome Failed(Exception failure) => new(failure, false);

    public static Outcome Success<TResult>(TResult value) => new Valued<TResult>(value);

    internal sealed class Valued<TResult>(TResult value) : Outcome(null, false)
    {
        public TResult Value { get; } = value;
    }
}
