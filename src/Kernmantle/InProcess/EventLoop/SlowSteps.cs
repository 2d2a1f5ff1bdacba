using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Microsoft.Extensions.Logging;

namespace Kernmantle.InProcess.EventLoop;

/// <summary>
/// Tells of steps that block the loop for too long: once when it is noticed, and again with the whole duration when the step has ended. The loop's thread
/// calls all but the timer's callback.
/// </summary>
internal sealed class SlowSteps : IDisposable
{
    private readonly ILogger log;
    private readonly string worker;
    private readonly TimeSpan limit;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private Call? current;
    private long began;
    private long number;
    private long told;

    public SlowSteps(ILogger log, string worker, TimeSpan limit, TimeProvider clock)
    {
        (this.log, this.worker, this.limit, this.clock) = (log, worker, limit, clock);
        timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Steps begin: the timer runs from now on.</summary>
    public void Busy() => timer.Change(limit, limit);

    public void Idle() => timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Begin(Call call)
    {
        began = clock.GetTimestamp();
        Volatile.Write(ref current, call);
        Volatile.Write(ref number, number + 1);
    }

    public void End()
    {
        TimeSpan took = clock.GetElapsedTime(began);
        Call call = current!;
        Volatile.Write(ref current, null);
        if (took >= limit)
            CallEvents.BlockedLoop(log, call.Name, worker, took.TotalMilliseconds);
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        long step = Volatile.Read(ref number);
        if (Volatile.Read(ref current) is not { } call || Volatile.Read(ref told) == step || clock.GetElapsedTime(Volatile.Read(ref began)) < limit)
            return;
        told = step;
        if (Volatile.Read(ref number) == step)
            CallEvents.BlocksLoop(log, call.Name, worker, clock.GetElapsedTime(Volatile.Read(ref began)).TotalMilliseconds);
    }
}
