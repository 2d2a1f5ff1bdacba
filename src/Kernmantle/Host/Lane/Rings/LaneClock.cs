using Kernmantle.Failures;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>What the words say of the clock of the call that came as a frame: as they are, not yet believed.</summary>
internal readonly record struct ClockReading(long Started, long Stopped);

/// <summary>The clock of calls, as the worker keeps it in words.</summary>
internal sealed unsafe class LaneClock(LaneMemory memory, LaneEnd end)
{
    private readonly LinkWords* words = memory.Words;

    /// <summary>Of the call that came as a frame. False once the connection has ended.</summary>
    public bool TryRead(out ClockReading reading)
    {
        lock (end.Gate)
        {
            reading = default;
            if (end.IsClosed)
                return false;
            long stopped = Volatile.Read(ref words->ClockStopped);   // first: who sees the stop then sees the start
            long started = Volatile.Read(ref words->ClockStarted);
            reading = new(started, stopped);
            return true;
        }
    }

    /// <summary>How far that number is, and when its function was called; <see cref="Overrun.None"/> if it has ended meanwhile.</summary>
    public Overrun TimeOf(long number, out long started)
    {
        lock (end.Gate)
        {
            started = 0;
            if (end.IsClosed)
                return Overrun.None;
            long stopped = Volatile.Read(ref words->QuickStopped);   // first: who sees the stop then sees the start
            if (stopped == number)
                return Overrun.Result;
            if (Volatile.Read(ref words->QuickStarted) != number)
                return Overrun.Arguments;
            started = words->QuickStartedAt;
            Volatile.ReadBarrier();

            // Begun comes before the next call's time, QuickStarted after it: only that tells that the time read is not the next call's (docs/models/clock.pml).
            return (Volatile.Read(ref words->Begun) & ~LinkWords.BegunBits) == number ? Overrun.Function : Overrun.None;
        }
    }

    /// <summary>What is done with that number: the function, or what comes before or after it. The function too, once the connection has ended.</summary>
    public Overrun PartOf(long number)
    {
        lock (end.Gate)
        {
            if (end.IsClosed)
                return Overrun.Function;
            long stopped = Volatile.Read(ref words->QuickStopped);   // first: who sees the stop then sees the start
            return stopped == number ? Overrun.Result
                : Volatile.Read(ref words->QuickStarted) == number ? Overrun.Function
                : Overrun.Arguments;
        }
    }
}
