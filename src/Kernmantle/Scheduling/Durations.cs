namespace Kernmantle.Scheduling;

/// <summary>Checks of durations that users hand in.</summary>
internal static class Durations
{
    /// <summary>The longest a timer can wait.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>A timeout is positive, or infinite, or absent.</summary>
    public static void Check(TimeSpan? timeout, string name)
    {
        if (timeout is { } t && t != Timeout.InfiniteTimeSpan && !CanWait(t))
            throw new ArgumentOutOfRangeException(name, t, $"A timeout must be positive and at most {Longest.TotalDays:F0} days, or Timeout.InfiniteTimeSpan.");
    }

    /// <summary>Whether a timer can wait so long.</summary>
    public static bool CanWait(TimeSpan time) => time > TimeSpan.Zero && time <= Longest;

    public static void CheckNotNegative(TimeSpan duration, string name)
    {
        if (duration < TimeSpan.Zero || duration > Longest)
            throw new ArgumentOutOfRangeException(name, duration, $"Must be between zero and {Longest.TotalDays:F0} days.");
    }
}
