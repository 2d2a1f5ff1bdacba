using Kernmantle.Failures;
using Kernmantle.Functions;

namespace Kernmantle.Scheduling.Calls;

/// <summary>How long a begun call may take: the user's function, and, each by itself, what we do before it and after it. Infinite for no bound.</summary>
internal readonly record struct CallBounds(TimeSpan Function, TimeSpan Transfer, TimeProvider Time)
{
    public bool AreAny => Function != Timeout.InfiniteTimeSpan || Transfer != Timeout.InfiniteTimeSpan;

    /// <summary>How long after the begin to look first.</summary>
    public TimeSpan First => Sooner(Function, Transfer);

    public TimeSpan Of(Overrun overrun) => overrun == Overrun.Function ? Function : Transfer;

    /// <summary>Whether something takes too long; if not, how long from now to look <paramref name="next"/> (infinite: no need to).</summary>
    /// <param name="clock">The call's clock.</param>
    /// <param name="begun">When the call began, as a timestamp of <see cref="Time"/>.</param>
    /// <param name="next">When to look next.</param>
    public Overrun Look(in CallClock clock, long begun, out TimeSpan next)
    {
        (Overrun part, long since) = clock.Started == 0 ? (Overrun.Arguments, begun)
            : clock.Stopped == 0 ? (Overrun.Function, clock.Started)
            : (Overrun.Result, clock.Stopped);
        TimeSpan bound = Of(part);
        next = Timeout.InfiniteTimeSpan;
        if (bound != Timeout.InfiniteTimeSpan)
        {
            next = bound - Time.GetElapsedTime(since);
            if (next <= TimeSpan.Zero)
                return part;
        }
        // The part may end right after this look, and the next one is bounded too.
        if (part != Overrun.Result)
            next = Sooner(next, part == Overrun.Arguments ? Function : Transfer);
        next = next == Timeout.InfiniteTimeSpan ? next : TimeSpan.FromMilliseconds(Math.Ceiling(next.TotalMilliseconds));   // a timer's unit
        return Overrun.None;
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one == Timeout.InfiniteTimeSpan ? other
        : other == Timeout.InfiniteTimeSpan || one < other ? one
        : other;
}
