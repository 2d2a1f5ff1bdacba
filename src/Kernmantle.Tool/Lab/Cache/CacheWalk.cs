using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Cache;

/// <summary>One walker.</summary>
/// <param name="Takes">The pipe that tells whose turn it is; null for one that walks alone.</param>
internal sealed record Walker(int Lines, int Passes, int Processor, string? Takes, string? Gives, bool Begins);

/// <summary>Walks through a working set in an order that no prefetcher guesses. Two walkers on one core take turns, pass by pass.</summary>
internal static class CacheWalk
{
    /// <summary>Integers in a cache line of 64 bytes.</summary>
    private const int Stride = 16;

    /// <returns>Seconds per cache line, for each pass; waiting for a turn not counted.</returns>
    public static double Walk(Walker walker) => Walk(walker, Chain(walker.Lines));

    /// <summary>Two threads over the same working set.</summary>
    public static double WalkOnThreads(Walker first, Walker second)
    {
        int[] chain = Chain(first.Lines);
        double other = 0;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                other = Walk(second, chain);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        double own = Walk(first, chain);
        thread.Join();
        return failure is null ? (own + other) / 2 : throw new InvalidOperationException("The second walker failed.", failure);
    }

    private static double Walk(Walker walker, int[] chain)
    {
        int[] allowed = LibC.AllowedProcessors();
        LibC.Pin(0, walker.Processor);
        using Fifo? takes = walker.Takes is null ? null : new(walker.Takes), gives = walker.Gives is null ? null : new(walker.Gives);
        try
        {
            Span<byte> turn = [1];
            long ticks = 0;
            int at = 0;
            for (int pass = -1; pass < walker.Passes; pass++)
            {
                if (takes is not null && !(walker.Begins && pass < 0))
                    takes.Read(turn);
                long begin = Stopwatch.GetTimestamp();
                at = Pass(chain, at);
                if (pass >= 0)   // the first one brings the set into the cache
                    ticks += Stopwatch.GetTimestamp() - begin;
                gives?.Write(turn);
            }
            if (walker.Begins)
                takes?.Read(turn);   // the other's last one
            return (double)ticks / Stopwatch.Frequency / walker.Passes / walker.Lines;
        }
        finally
        {
            LibC.Pin(0, allowed);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pass(int[] chain, int at)
    {
        int start = at;
        do
        {
            at = chain[at];
        }
        while (at != start);
        return chain[at];
    }

    /// <summary>One cycle through all lines in random order (Sattolo's shuffle).</summary>
    private static int[] Chain(int lines)
    {
        int[] order = [.. Enumerable.Range(0, lines)];
        Random random = new(1);
        for (int i = lines - 1; i > 0; i--)
        {
            int j = random.Next(i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        int[] chain = new int[lines * Stride];
        for (int i = 0; i < lines; i++)
            chain[i * Stride] = order[i] * Stride;
        return chain;
    }
}
