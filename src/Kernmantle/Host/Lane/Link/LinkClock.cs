using System.Diagnostics;
using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane.Link;

/// <summary>
/// When the functions of this worker's calls were called and had completed, as it says: in words over shared memory, by frames otherwise. It may
/// lie; what cannot be ends it.
/// </summary>
internal sealed class LinkClock(LinkContext link, LinkCalls calls)
{
    /// <summary>What is known of each call that it has, from the start of its clock on.</summary>
    private readonly Dictionary<long, CallClock> clocks = [];

    /// <summary>When the current call was sent, and the words as they were seen last: <see cref="Stopwatch"/>'s time, which is one for all processes of a machine.</summary>
    private long sentAt;
    private ClockReading seen;

    private TimeProvider Time => link.Settings.Clock;

    /// <summary>As <see cref="Scheduling.PoolWorker.ClockOf"/>.</summary>
    public CallClock Of(Call call, long begun)
    {
        try
        {
            Observe(begun);
        }
        catch (ProtocolViolationException e)
        {
            link.Shared!.Fail(e);
            return new(Time.GetTimestamp(), 0);   // it ends for that, and not for a timeout
        }
        lock (link.Gate)
            return clocks.GetValueOrDefault(call.Id);
    }

    /// <summary>Under the lock: a call is sent, and nothing is known of its clock.</summary>
    public void Start(Call call)
    {
        clocks.Remove(call.Id);
        seen = default;
        sentAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Under the lock: the call has ended.</summary>
    public void End(Call call) => clocks.Remove(call.Id);

    /// <summary>By frames.</summary>
    /// <exception cref="ProtocolViolationException">The clock cannot do that now.</exception>
    public void OnFrame(FrameKind kind, Call call)
    {
        if (link.Shared is not null)
            throw new ProtocolViolationException($"a {kind} frame where the clock is in shared memory");
        long now = Time.GetTimestamp();
        lock (link.Gate)
        {
            CallClock known = clocks.GetValueOrDefault(call.Id);
            bool starts = kind == FrameKind.ClockStarted;
            if (link.Dialect is not null && !calls.HasBegun(call))
                throw new ProtocolViolationException($"a {kind} frame before the begin of the call");
            if (starts ? known.Started != 0 : !known.Runs)
                throw new ProtocolViolationException($"a clock that {(starts ? "starts" : "stops")} {(known.Started == 0 ? "before it has started" : "twice")}");
            clocks[call.Id] = starts ? new(now, 0) : known with { Stopped = now };
        }
    }

    /// <summary>A result of a function whose clock has not run, or runs, is none.</summary>
    /// <exception cref="ProtocolViolationException">It is none.</exception>
    public void CheckResult(Call call)
    {
        if (link.Dialect is not null)
            return;   // it tells of the clock only where that counts
        Observe(call.BegunAt);
        lock (link.Gate)
        {
            if (clocks.GetValueOrDefault(call.Id).Stopped == 0)
                throw new ProtocolViolationException("a result of a function whose clock has not run and stopped");
        }
    }

    /// <summary>By words: looks at them.</summary>
    /// <exception cref="ProtocolViolationException">They cannot be so.</exception>
    private void Observe(long begunAt)
    {
        if (link.Shared is null || !link.Shared.Clock.TryRead(out ClockReading read))
            return;
        long now = Stopwatch.GetTimestamp();   // after the words were read
        lock (link.Gate)
        {
            if (calls.Begun is not { } call)
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
                read.Stopped == 0 ? 0 : known.Stopped != 0 ? known.Stopped : AsOwnersTime(read.Stopped, Time.GetTimestamp()));
        }
    }

    /// <summary>A worker knows no clock but the system's: a program's own (in tests, mostly) is told what it has seen itself.</summary>
    private long AsOwnersTime(long timestamp, long instead) => ReferenceEquals(Time, TimeProvider.System) ? timestamp : instead;
}
