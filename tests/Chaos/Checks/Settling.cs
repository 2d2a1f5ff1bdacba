using System.Diagnostics;

namespace Kernmantle.Chaos.Checks;

/// <summary>Waits until what is about to end has ended: threads that idle, descriptors that the collector closes.</summary>
internal static class Settling
{
    /// <summary>The runtime's shared array pool gives an idle array back after a minute, the next a quarter of a minute later, and so on: what shrinks is no leak.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250), Patience = TimeSpan.FromSeconds(90);

    /// <summary>A footprint that has not become smaller for a while.</summary>
    public static async Task<Footprint> TakeAsync(string folder)
    {
        Footprint taken = Footprint.Take(folder);
        for (int same = 0; same < 8;)
        {
            await Task.Delay(Pause);
            Footprint next = Footprint.Take(folder);
            same = next.IsSmallerThan(taken) ? 0 : same + 1;
            taken = next;
        }
        Console.WriteLine($"baseline: {taken}");
        return taken;
    }

    /// <summary>What is still there when nothing has gone for a while.</summary>
    public static async Task<string[]> FindLeaksAsync(Footprint baseline, string folder)
    {
        Footprint least = Footprint.Take(folder);
        for (long since = Stopwatch.GetTimestamp(); ; await Task.Delay(Pause))
        {
            Footprint now = Footprint.Take(folder);
            string[] leaks = [.. now.LeakedSince(baseline)];
            if (leaks.Length == 0 || Stopwatch.GetElapsedTime(since) > Patience)
            {
                Console.WriteLine($"at the end: {now}");
                return leaks;
            }
            if (now.IsSmallerThan(least))
                (least, since) = (now, Stopwatch.GetTimestamp());
        }
    }
}
