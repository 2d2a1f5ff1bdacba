namespace Kernmantle.Dashboard;

/// <summary>Options of the dashboard. Immutable.</summary>
public sealed class DashboardOptions
{
    internal const int MostViewers = 1000;

    internal static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100), LongestInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The authorization policy of those who may kill a worker, cancel a call, take stacks, recycle a worker, or drain a pool; null for nobody: then the page only shows. Who may see the page
    /// is said by <c>RequireAuthorization</c> on what <c>MapKernmantle</c> returns.
    /// </summary>
    public string? ActionPolicy { get; init; }

    /// <summary>How often a page gets what is new, from 100 ms to a minute.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many pages may be open at once, from 1 to 1000; further ones are refused.</summary>
    public int MaxViewers { get; init; } = 32;

    internal void Validate()
    {
        if (Interval < ShortestInterval || Interval > LongestInterval)
            throw new ArgumentOutOfRangeException(nameof(Interval), Interval, $"A page gets what is new every {ShortestInterval.TotalMilliseconds} ms to {LongestInterval.TotalSeconds} s.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxViewers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxViewers, MostViewers);
        if (ActionPolicy is not null && string.IsNullOrWhiteSpace(ActionPolicy))
            throw new ArgumentException("An empty name is no policy: leave it out, and nobody may do anything.", nameof(ActionPolicy));
    }
}
