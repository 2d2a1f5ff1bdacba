using System.Diagnostics;

namespace Kernmantle.Chaos.Checks;

/// <summary>Waits until what is about to end has ended: threads that idle, descriptors that the collector closes.</summary>
internal static class Settling
{
    /// <summary>Less is noise of the measuring itself.</summary>
    private const long LeastBytes = 64L << 10;

    /// <summary>The runtime's shared array pool gives an idle array back after a minute, the next a quarter of a minute later, and so on: memory that shrinks is no leak.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250), Patience = TimeSpan.FromSeconds(90);

    /// <summary>A footprint that has not become smaller for a while.</summary>
    public static async Task<Footprint> TakeAsync(string folder)
    {
        Footprint taken = Footprint.Take(folder);
        for (int same = 0; same < 8;)
        {
            await Task.Delay(Pause);
            Footprint next = Footprint.Take(folder);
            same = taken.LeakedSince(next).Any() ? 0 : same + 1;
            taken = next;
        }
        Console.WriteLine($"baseline: {taken}");
        return taken;
    }

    /// <summary>What is still there when managed memory has not become smaller for a while.</summary>
    public static async Task<string[]> FindLeaksAsync(Footprint baseline, string folder)
    {
        long since = Stopwatch.GetTimestamp(), least = long.MaxValue;
        while (true)
        {
            Footprint now = Footprint.Take(folder);
            if (now.ManagedBytes < least - LeastBytes)
                (least, since) = (now.ManagedBytes, Stopwatch.GetTimestamp());
            string[] leaks = [.. now.LeakedSince(baseline)];
            if (leaks.Length == 0 || Stopwatch.GetElapsedTime(since) > Patience)
            {
                Console.WriteLine($"at the end: {now}");
                return leaks;
            }
            await Task.Delay(Pause);
        }
    }
}
