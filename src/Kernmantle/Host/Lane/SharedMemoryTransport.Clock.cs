using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane;

/// <summary>What the words say of the clock of the call that came as a frame: as they are, not yet believed.</summary>
internal readonly record struct ClockReading(long Started, long Stopped);

/// <summary>The clock of calls, as the worker keeps it in words.</summary>
internal sealed unsafe partial class SharedMemoryTransport
{
    /// <summary>False once the connection has ended.</summary>
    public bool TryReadClock(out ClockReading reading)
    {
        lock (sendGate)
        {
            reading = default;
            if (closed)
                return false;
            long stopped = Volatile.Read(ref words->ClockStopped);   // first: who sees the stop then sees the start
            long started = Volatile.Read(ref words->ClockStarted);
            reading = new(started, stopped);
            return true;
        }
    }

    /// <summary>The function has completed, and what the worker has said since is still to be handled: perhaps the call's end.</summary>
    public bool HasUnheardEnd
    {
        get
        {
            lock (sendGate)
                return !closed && Volatile.Read(ref words->ClockStopped) != 0 && (inbox.IsBusy || responses.HasRecord);
        }
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.TimeOf"/>.</summary>
    public Overrun TimeOf(long number, out long started)
    {
        lock (sendGate)
        {
            started = 0;
            if (closed)
                return Overrun.None;
            long stopped = Volatile.Read(ref words->QuickStopped);   // first: who sees the stop then sees the start
            if (stopped == number)
                return Overrun.Result;
            if (Volatile.Read(ref words->QuickStarted) != number)
                return Overrun.Arguments;
            started = words->QuickStartedAt;
            Volatile.ReadBarrier();

            // Begun comes before the next call's time, QuickStarted after it: only that tells that the time read is not the next call's (docs/models/clock.pml).
            return (Volatile.Read(ref words->Begun) & ~(LinkWords.Recall | LinkWords.Retired)) == number ? Overrun.Function : Overrun.None;
        }
    }

    /// <summary>The worker has said something that is still to be handled.</summary>
    public bool HasUnheard
    {
        get
        {
            lock (sendGate)
                return !closed && (inbox.IsBusy || responses.HasRecord);
        }
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.PartOf"/>.</summary>
    public Overrun PartOf(long number)
    {
        lock (sendGate)
        {
            if (closed || inbox.IsBusy || responses.HasRecord)
                return Overrun.Function;
            long stopped = Volatile.Read(ref words->QuickStopped);   // first: who sees the stop then sees the start
            return stopped == number ? Overrun.Result
                : Volatile.Read(ref words->QuickStarted) == number ? Overrun.Function
                : Overrun.Arguments;
        }
    }
}
