using System.Diagnostics;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>
/// A caller and its worker that have come to one processor stay there, although another one may be idle: who is woken is put where it was, which is where who woke it runs, and to the system a
/// processor that two share in turns does not look crowded. Then a call costs two switches in place of two cache lines. So a worker that finds its caller asleep on its own processor call after call
/// looks whether another one has been idle meanwhile, and moves there before it wakes its caller. If there is none it looks more and more seldom: on a processor that others use it would wait for its
/// turn, which takes milliseconds.
/// </summary>
/// <param name="words">What the caller says of itself.</param>
/// <param name="idleTimes">As <see cref="ProcFiles.IdleTimes"/>.</param>
/// <param name="tryMoveTo">As <see cref="Processors.TryMoveTo"/>.</param>
internal sealed unsafe class StepAside(LinkWords* words, Func<long[]> idleTimes, Func<int, bool> tryMoveTo)
{
    /// <summary>Calls in a row: once or twice it happens where the caller was woken for the first time.</summary>
    private const int Often = 4;

    /// <summary>How long a processor must have been idle: the system tells it in hundredths of a second.</summary>
    private static readonly long Window = Stopwatch.Frequency / 25;

    private static readonly long LongestPause = 5 * Stopwatch.Frequency;

    private int together;   // calls in a row
    private long pause = Window;
    private long seenAt;
    private long[]? seen;

    /// <summary>Before the answer to a call is published whose caller may sleep.</summary>
    public void Before(long sequence)
    {
        long caller = Volatile.Read(ref words->CallerWaiting);
        if ((caller & LinkWords.Sleeps) == 0 || caller >> 2 != sequence)
            return;
        int its = Volatile.Read(ref words->CallerProcessor) - 1;
        if (its < 0 || its != Processors.Current)
            (together, seen) = (0, null);
        else if (++together >= Often)
            Look(its);
    }

    private void Look(int shared)
    {
        long now = Stopwatch.GetTimestamp();
        if (seen is null)
        {
            if (now - seenAt > pause)
                (seen, seenAt) = (idleTimes(), now);
            return;
        }
        if (now - seenAt < Window)
            return;
        int idle = IdleSince(idleTimes(), now - seenAt, shared);
        bool moved = idle >= 0 && tryMoveTo(idle);
        pause = moved ? Window : Math.Min(pause * 2, LongestPause);
        (together, seen, seenAt) = (0, null, now);
    }

    /// <summary>One that was idle for most of that time; -1 if there is none.</summary>
    private int IdleSince(long[] now, long ticks, int shared)
    {
        long most = ticks * 3 / 4;
        for (int i = 0; i < Math.Min(now.Length, seen!.Length); i++)
        {
            if (i != shared && (now[i] - seen[i]) * Stopwatch.Frequency / ProcFiles.TicksPerSecond >= most)
                return i;
        }
        return -1;
    }
}
