using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Kernmantle.Tool.Lab.Cache;

/// <summary>What one step through a working set of a size takes.</summary>
/// <param name="Bytes">The size of the set.</param>
/// <param name="Seconds">The quickest of several passes: what else runs here can only make them slower.</param>
internal readonly record struct Walked(long Bytes, double Seconds);

/// <summary>Walks through more and more memory, each step to where the one before it pointed.</summary>
internal static class CacheProbe
{
    private const int LineBytes = 64, Stride = LineBytes / sizeof(int), Passes = 7;
    private const long Smallest = 8 << 10, Largest = 48 << 20;

    /// <summary>Of a large set a pass is a part: what it visits was pushed out by the rest.</summary>
    private const int StepsPerPass = 60_000;

    /// <summary>
    /// Lines are visited in random order, which no prefetcher guesses, but within blocks of so many bytes: their pages fit into the table of
    /// addresses that every processor keeps at hand, whose misses would look like those of a cache.
    /// </summary>
    private const int BlockBytes = 64 << 10;

    public static IReadOnlyList<Walked> Measure()
    {
        List<Walked> walked = [];
        for (long size = Smallest; size <= Largest; size *= 2)
        {
            walked.Add(Walk(size));
            walked.Add(Walk(size * 3 / 2));
        }
        return walked;
    }

    private static Walked Walk(long bytes)
    {
        int lines = (int)(bytes / LineBytes);
        int[] chain = Chain(lines, BlockBytes / LineBytes);
        int at = Step(chain, 0, lines);   // brings the set into the cache
        double best = double.PositiveInfinity;
        for (int pass = 0; pass < Passes; pass++)
        {
            long begin = Stopwatch.GetTimestamp();
            at = Step(chain, at, StepsPerPass);
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds / StepsPerPass);
        }
        return new(bytes, best);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Step(int[] chain, int at, int steps)
    {
        for (; steps > 0; steps--)
            at = chain[at];
        return at;
    }

    /// <summary>One cycle through all lines: block after block, and within each in random order.</summary>
    private static int[] Chain(int lines, int block)
    {
        Random random = new(1);
        int[] order = [.. Enumerable.Range(0, lines)];
        for (int from = 0; from < lines; from += block)
            random.Shuffle(order.AsSpan(from, Math.Min(block, lines - from)));
        int[] chain = GC.AllocateUninitializedArray<int>(lines * Stride);
        for (int i = 0; i < lines; i++)
            chain[order[i] * Stride] = order[(i + 1) % lines] * Stride;
        return chain;
    }
}
