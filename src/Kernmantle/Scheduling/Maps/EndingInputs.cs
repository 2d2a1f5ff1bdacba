using System.Runtime.ExceptionServices;

namespace Kernmantle.Scheduling.Maps;

/// <summary>Where the inputs of a map come to their end: with their source, with what it throws, or with the pool, whose every further call would fail while they may be endless.</summary>
/// <param name="pool">The end of the pool that ends them; null for none.</param>
internal abstract class EndingInputs(Shutdown? pool)
{
    private ExceptionDispatchInfo? failure;

    /// <summary>There are no more, and none was left.</summary>
    public bool Ended { get; private protected set; }

    /// <summary>There may be more; none once the pool is being disposed of.</summary>
    public bool MayHaveMore
    {
        get
        {
            if (!Ended && pool is { HasBegun: true })
                End(pool.Refusal());
            return !Ended;
        }
    }

    /// <summary>To be called when the results of all that came before are handed out: says why there were no more, if there was a reason.</summary>
    public void ThrowIfFailed() => failure?.Throw();

    /// <summary>There shall be no more, for that reason.</summary>
    private protected void End(Exception why)
    {
        failure ??= ExceptionDispatchInfo.Capture(why);
        Ended = true;
    }
}
