using System.Numerics;

namespace Kernmantle.Scheduling.Watching;

/// <summary>How long calls took: counts by time, in steps of a quarter of the power of two below, so that a figure read from them is within an eighth. Guarded by the pool's lock.</summary>
internal sealed class Latencies
{
    /// <summary>What is shorter than a quarter of a microsecond, and what is longer than 18 minutes, counts as that, as powers of two of nanoseconds.</summary>
    private const int First = 8, Last = 40;

    private const int Steps = 4;

    private readonly long[] counts = new long[(Last - First + 1) * Steps];

    public long Count { get; private set; }

    /// <summary>In seconds.</summary>
    public double Sum { get; private set; }

    public TimeSpan Longest { get; private set; }

    /// <param name="time">How long a call took, or, of many that came together, each on average.</param>
    /// <param name="calls">How many.</param>
    public void Add(TimeSpan time, int calls)
    {
        long nanoseconds = Math.Clamp(time.Ticks * 100, 1L << First, (2L << Last) - 1);
        int power = BitOperations.Log2((ulong)nanoseconds);
        counts[(power - First) * Steps + (int)(nanoseconds >> (power - 2) & (Steps - 1))] += calls;
        Count += calls;
        Sum += time.TotalSeconds * calls;
        Longest = time > Longest ? time : Longest;
    }

    /// <summary>The time, in seconds, that this part of the calls was not above: 0.5 for the median. 0 where there were none.</summary>
    public double Quantile(double part)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(part * Count)), seen = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= wanted && Count > 0)
                return Math.Min((Edge(i) + Edge(i + 1)) / 2, Longest.TotalSeconds);
        }
        return 0;
    }

    /// <summary>For each power of two that calls lasted, from the shortest to the longest: where it begins, in seconds, and how many.</summary>
    public IEnumerable<(double From, long Calls)> Powers()
    {
        int from = Array.FindIndex(counts, static count => count > 0) / Steps, to = Array.FindLastIndex(counts, static count => count > 0) / Steps;
        for (int power = from; power <= to && Count > 0; power++)
            yield return (Edge(power * Steps), counts.AsSpan(power * Steps, Steps).ToArray().Sum());
    }

    private static double Edge(int index) => Math.ScaleB(1 + index % Steps / (double)Steps, First + index / Steps) / 1e9;
}
