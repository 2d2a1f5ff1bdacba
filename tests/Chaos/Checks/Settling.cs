using System.Diagnostics;

namespace Kernmantle.Chaos.Checks;

/// <summary>Waits until what is about to end has ended: threads that idle, descriptors that the collector closes.</summary>
internal static class Settling
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250), Deadline = TimeSpan.FromSeconds(60);

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

    /// <summary>What is still there when the deadline is over.</summary>
    public static async Task<string[]> FindLeaksAsync(Footprint baseline, string folder)
    {
        long from = Stopwatch.GetTimestamp();
        while (true)
        {
            Footprint now = Footprint.Take(folder);
            string[] leaks = [.. now.LeakedSince(baseline)];
            if (leaks.Length == 0 || Stopwatch.GetElapsedTime(from) > Deadline)
            {
                Console.WriteLine($"at the end: {now}");
                return leaks;
            }
            await Task.Delay(Pause);
        }
    }
}
