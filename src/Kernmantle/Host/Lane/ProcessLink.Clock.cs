using System.Diagnostics;
using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane;

/// <summary>
/// When the functions of this worker's calls were called and had completed, as it says: in words over shared memory, by frames otherwise. It may
/// lie; what cannot be ends it.
/// </summary>
internal sealed partial class ProcessLink
{
    /// <summary>What is known of each call that it has, from the start of its clock on.</summary>
    private readonly Dictionary<long, CallClock> clocks = [];

    /// <summary>When the current call was sent, and the words as they were seen last: <see cref="Stopwatch"/>'s time, which is one for all processes of a machine.</summary>
    private long sentAt;
    private ClockReading seen;

    public override CallClock ClockOf(Call call, long begun)
    {
        try
        {
            Observe(begun);
        }
        catch (ProtocolViolationException e)
        {
            shared!.Fail(e);
            return new(settings.Clock.GetTimestamp(), 0);   // it ends for that, and not for a timeout
        }
        lock (gate)
            return clocks.GetValueOrDefault(call.Id);
    }

    public override bool HasUnheard => shared?.HasUnheardEnd ?? (transport as SocketTransport)?.HasUnheard ?? false;

    /// <summary>A call is sent: nothing is known of its clock.</summary>
    private void ForgetClock(Call call)
    {
        clocks.Remove(call.Id);
        seen = default;
        sentAt = Stopwatch.GetTimestamp();
    }

    /// <summary>By frames.</summary>
    /// <exception cref="ProtocolViolationException">The clock cannot do that now.</exception>
    private void OnClock(FrameKind kind, Call call)
    {
        if (shared is not null)
            throw new ProtocolViolationException($"a {kind} frame where the clock is in shared memory");
        long now = settings.Clock.GetTimestamp();
        lock (gate)
        {
            CallClock known = clocks.GetValueOrDefault(call.Id);
            bool starts = kind == FrameKind.ClockStarted;
            if (dialect is not null && !begun && !interleaved.ContainsKey(call.Id))
                throw new ProtocolViolationException($"a {kind} frame before the begin of the call");
            if (starts ? known.Started != 0 : !known.Runs)
                throw new ProtocolViolationException($"a clock that {(starts ? "starts" : "stops")} {(known.Started == 0 ? "before it has started" : "twice")}");
            clocks[call.Id] = starts ? new(now, 0) : known with { Stopped = now };
        }
    }

    /// <summary>By words: looks at them.</summary>
    /// <exception cref="ProtocolViolationException">They cannot be so.</exception>
    private void Observe(long begunAt)
    {
        if (shared is null || !shared.Clock.TryRead(out ClockReading read))
            return;
        long now = Stopwatch.GetTimestamp();   // after the words were read
        lock (gate)
        {
            if (current is not { } call || !begun)
                return;   // the words are still those of the call before
            if (seen.Started != 0 && read.Started != seen.Started)
                throw new ProtocolViolationException("a clock that starts twice");
            if (seen.Stopped != 0 && read.Stopped != seen.Stopped)
                throw new ProtocolViolationException("a clock that stops twice");
            if (read.Started != 0 && (read.Started < sentAt || read.Started > now))
                throw new ProtocolViolationException(read.Started > now ? "a clock that starts in the future" : "a clock that started before its call was sent");
            if (read.Stopped != 0 && (read.Started == 0 || read.Stopped < read.Started || read.Stopped > now))
                throw new ProtocolViolationException(read.Started == 0 ? "a clock that stops before it has started" : $"a clock that stops {(read.Stopped > now ? "in the future" : "before it started")}");
            if (read == seen)
                return;
            seen = read;
            CallClock known = clocks.GetValueOrDefault(call.Id);
            clocks[call.Id] = new(
                read.Started == 0 ? 0 : known.Started != 0 ? known.Started : AsOwnersTime(read.Started, begunAt),
                read.Stopped == 0 ? 0 : known.Stopped != 0 ? known.Stopped : AsOwnersTime(read.Stopped, settings.Clock.GetTimestamp()));
        }
    }

    /// <summary>A worker knows no clock but the system's: a program's own (in tests, mostly) is told what it has seen itself.</summary>
    private long AsOwnersTime(long timestamp, long instead) => ReferenceEquals(settings.Clock, TimeProvider.System) ? timestamp : instead;

    /// <summary>A result of a function whose clock has not run, or runs, is none.</summary>
    private void CheckClockOfResult(Call call)
    {
        if (dialect is not null)
            return;   // it tells of the clock only where that counts
        Observe(call.BegunAt);
        lock (gate)
        {
            if (clocks.GetValueOrDefault(call.Id).Stopped == 0)
                throw new ProtocolViolationException("a result of a function whose clock has not run and stopped");
        }
    }
}
