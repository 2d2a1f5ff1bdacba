using System.Diagnostics;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// How fast a worker answers what no caller attends. While it has many short calls, the pump does better to sleep for a moment and take many answers at once than to be rung
/// for each: a ring costs both sides more than such a call. As network drivers moderate interrupts. By the pump.
/// </summary>
internal sealed class PumpPace
{
    /// <summary>With fewer calls under way, whoever waits for one of them would wait noticeably longer.</summary>
    private const int Fewest = 32;

    /// <summary>A worker that takes longer for one is rung for: about what a ring costs, in microseconds.</summary>
    private const double Slowest = 10;

    /// <summary>In microseconds.</summary>
    private const double Longest = 100;

    private long lastAnswered;
    private long looked;

    /// <summary>All that was answered has been taken. How long to sleep; zero for until somebody rings.</summary>
    public TimeSpan Next(long answered, long offered)
    {
        long now = Stopwatch.GetTimestamp();
        long count = answered - lastAnswered, left = offered - answered;
        double each = Stopwatch.GetElapsedTime(looked, now).TotalMicroseconds / Math.Max(1, count);
        (lastAnswered, looked) = (answered, now);
        return count <= 0 || left < Fewest || each > Slowest ? TimeSpan.Zero : TimeSpan.FromMicroseconds(Math.Min(Longest, each * left / 2));
    }
}
