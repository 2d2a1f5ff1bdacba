using Kernmantle.Scheduling;

namespace Kernmantle;

/// <summary>Options of an event loop.</summary>
public sealed class EventLoopOptions : WorkerPoolOptions
{
    /// <summary>How many calls may be under way at once; 1 or more.</summary>
    public int MaxConcurrency { get; init; } = 1_000_000;

    /// <summary>
    /// A step, from one <c>await</c> to the next, that takes longer is logged, as asyncio's slow callbacks are; <see cref="Timeout.InfiniteTimeSpan"/>: none is.
    /// </summary>
    public TimeSpan SlowCallbackDuration { get; init; } = TimeSpan.FromMilliseconds(100);

    private protected override string? WhyNotElastic => "An event loop is one thread, however many calls there are";

    internal override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrency, 1);
        Durations.Check(SlowCallbackDuration, nameof(SlowCallbackDuration));
    }
}
