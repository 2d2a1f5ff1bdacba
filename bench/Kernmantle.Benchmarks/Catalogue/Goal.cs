namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>How ours is compared with the peer.</summary>
internal enum Comparison
{
    /// <summary>Ours is at most the bound, times the peer.</summary>
    AtMostTimes,

    /// <summary>Ours is at least the bound, times the peer.</summary>
    AtLeastTimes,

    /// <summary>The peer takes at least the bound, times ours.</summary>
    FasterTimes,

    /// <summary>Ours is at most the bound, in the row's unit.</summary>
    AtMost,

    /// <summary>Ours, less twice the peer, is at most the bound, in the row's unit.</summary>
    AtMostOverTwice,
}

internal enum Statistic
{
    Median,
    P99,
}

/// <summary>A goal: data only. Keys are those of <see cref="Measure.Key"/>.</summary>
/// <param name="Group">The group whose rows are compared.</param>
/// <param name="Name">What the goal is about.</param>
/// <param name="Ours">The key of our row.</param>
/// <param name="Peers">The keys of the peers' rows; of several the best one counts.</param>
/// <param name="Slack">What ours may take besides, in the row's unit: it is taken off before the two are compared.</param>
internal sealed record Goal(string Group, string Name, string Ours, string[] Peers, Comparison How, double Bound, Statistic Of = Statistic.Median, double Slack = 0);
