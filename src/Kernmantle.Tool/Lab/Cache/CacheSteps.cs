namespace Kernmantle.Tool.Lab.Cache;

/// <summary>
/// Reads the sizes of caches off a walk: as long as the set fits into a cache, a step takes the same time; beyond it the time rises to that
/// of the next one.
/// </summary>
internal static class CacheSteps
{
    /// <summary>A rise begins where a step takes so many times what it took on the level before, and goes on while it grows by so much over <see cref="Ahead"/> sizes.</summary>
    private const double Begins = 1.25;

    /// <summary>A level is at least one size more than this: less may be a disturbance on the way up.</summary>
    private const int Ahead = 2;

    /// <summary>
    /// The next cache takes at least so many times as long: a smaller rise is something else. What takes less still fits, but for a part: no
    /// cache is given to one program alone.
    /// </summary>
    private const double NextLevel = 1.6;

    /// <param name="walk">In order of size.</param>
    /// <returns>The largest sizes that still fitted, from the nearest cache on; the last one's end, and so memory, may be beyond the walk.</returns>
    public static IReadOnlyList<long> In(IReadOnlyList<Walked> walk)
    {
        double[] seconds = Undisturbed(walk);
        List<long> sizes = [];
        for (int at = 0; at < seconds.Length;)
        {
            double level = seconds[at];
            int last = at;   // the last one on this level
            while (last + 1 < seconds.Length && seconds[last + 1] <= level * Begins)
                last++;
            int top = last + 1;
            if (top >= seconds.Length)
                break;
            while (top + 1 < seconds.Length && seconds[Math.Min(top + Ahead, seconds.Length - 1)] > seconds[top] * Begins)
                top++;
            if (seconds[top] >= level * NextLevel)
                sizes.Add(walk[Enumerable.Range(last, top - last).Last(i => seconds[i] < level * NextLevel)].Bytes);
            at = top;
        }
        return sizes;
    }

    /// <summary>A larger set is never quicker: a time above a later one is a disturbance.</summary>
    private static double[] Undisturbed(IReadOnlyList<Walked> walk)
    {
        double[] seconds = [.. walk.Select(static walked => walked.Seconds)];
        for (int i = seconds.Length - 2; i >= 0; i--)
            seconds[i] = Math.Min(seconds[i], seconds[i + 1]);
        return seconds;
    }
}
