using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Judging;

internal enum Verdict
{
    Met,
    Missed,

    /// <summary>The bound lies within the spread, or there are too few turns for a spread: this run cannot say.</summary>
    TooNoisy,

    /// <summary>Nothing to compare with was measured.</summary>
    NoPeer,

    /// <summary>Our own side was not measured.</summary>
    NotMeasured,
}

/// <summary>What one turn measured of a goal's two sides, one right after the other, so that the machine's moods met both.</summary>
/// <param name="Peer">Null where the goal has no peer.</param>
internal readonly record struct Turn(double Ours, double? Peer = null);

/// <summary>Whether turns reach a bound.</summary>
/// <param name="Figure">The figure that the bound is for: of each turn, then its median and spread. Null if there was no turn.</param>
internal sealed record Judgement(Verdict Verdict, Interval? Figure)
{
    /// <summary>One turn has no spread, and two are as often as not on the same side of the true median.</summary>
    public const int LeastTurns = 3;

    /// <summary>
    /// The figure is taken of each turn before the median is: a machine that is slow for a while is slow for both sides of a turn, and the ratio
    /// is as it was.
    /// </summary>
    public static Judgement Of(Comparison how, double bound, IReadOnlyList<Turn> turns)
    {
        if (turns.Count == 0)
            return new(Verdict.NotMeasured, null);
        bool compares = how != Comparison.AtMost;
        if (compares && turns.Any(static turn => turn.Peer is null))
            return new(Verdict.NoPeer, null);
        Interval figure = Interval.Of(turns.Select(turn => FigureOf(how, turn)));
        bool atLeast = IsAtLeast(how);
        bool lowReaches = atLeast ? figure.Low >= bound : figure.Low <= bound, highReaches = atLeast ? figure.High >= bound : figure.High <= bound;
        return new(turns.Count < LeastTurns || lowReaches != highReaches ? Verdict.TooNoisy : lowReaches ? Verdict.Met : Verdict.Missed, figure);
    }

    public static bool IsAtLeast(Comparison how) => how is Comparison.AtLeastTimes or Comparison.FasterTimes;

    private static double FigureOf(Comparison how, Turn turn) => how switch
    {
        Comparison.AtMost => turn.Ours,
        Comparison.AtMostOverTwice => turn.Ours - (2 * turn.Peer!.Value),
        Comparison.FasterTimes => turn.Peer!.Value / turn.Ours,
        _ => turn.Ours / turn.Peer!.Value,
    };
}
