using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Scheduling;

/// <summary>
/// What the log is told of the ends of workers: one record for each, and one for its replacement. Written under the lock, so that records come in the order of what they tell; that costs
/// nothing, since the log is a <see cref="DetachedLogger"/>.
/// </summary>
internal sealed class LifeRecords(DetachedLogger log, TimeProvider clock, Scheduler pool)
{
    private UnplannedDeath? last;

    /// <summary>The latest death that nobody here had asked for; null for none. May be looked at without the lock.</summary>
    public UnplannedDeath? LastDeath => Volatile.Read(ref last);

    /// <summary>The worker died by itself, or was killed by somebody else.</summary>
    /// <param name="slot">Whose worker it was.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="call">What it had begun; null for nothing.</param>
    /// <param name="cause">Says why.</param>
    public void Death(Slot slot, PoolWorker worker, Call? call, WorkerException cause)
    {
        string reason = ReasonOf(cause);
        Unplanned(slot, worker.ProcessId, call, reason, cause, isLimit: cause is not WorkerCrashedException);
        if (call is null)
            PoolEvents.WorkerDiedIdle(log, slot.Name, cause.Message, worker.ProcessId, reason, cause.ProcessEnd?.ExitCode, cause.ProcessEnd?.Signal);
        else
            PoolEvents.WorkerCrashed(log, cause.Message, slot.Name, worker.ProcessId, reason, cause.ProcessEnd?.ExitCode, cause.ProcessEnd?.Signal, call.Name, call.Id, MillisecondsOf(call));
    }

    /// <summary>The worker did not start.</summary>
    public void NoStart(Slot slot, int? processId, Exception cause)
    {
        string reason = ReasonOf(cause);
        Unplanned(slot, processId, null, reason, cause, isLimit: false);
        PoolEvents.WorkerDidNotStart(log, slot.Name, cause.Message, processId, reason, (cause as WorkerException)?.ProcessEnd?.ExitCode, (cause as WorkerException)?.ProcessEnd?.Signal);
    }

    /// <summary>The pool ended the worker for the call's sake; a thread goes on by itself.</summary>
    public void Kill(Slot slot, PoolWorker worker, Call call, Outcome outcome)
    {
        string reason = outcome.Failure switch
        {
            CallTimeoutException => "Timeout",
            ObjectDisposedException => "Disposal",
            { } failure => ReasonOf(failure),
            null => "Cancellation",
        };
        pool.Telemetry.Series.Kills.Count(reason);
        Keep(slot, worker.ProcessId, call, reason, outcome.Failure);
        if (worker.CanKill)
            PoolEvents.WorkerKilled(log, slot.Name, worker.ProcessId, call.Name, MillisecondsOf(call) ?? 0, reason, call.Id);
        else
            PoolEvents.ThreadLetGo(log, slot.Name, call.Name, MillisecondsOf(call) ?? 0, reason, call.Id);
    }

    /// <summary>Somebody has asked for the end of a worker that runs nothing.</summary>
    public void KillIdle(Slot slot, PoolWorker worker, WorkerException cause)
    {
        pool.Telemetry.Series.Kills.Count(ReasonOf(cause));
        Keep(slot, worker.ProcessId, null, ReasonOf(cause), cause);
        PoolEvents.WorkerKilledIdle(log, slot.Name, worker.ProcessId);
    }

    /// <summary>The call has ended and left its worker in a state that no other call shall meet.</summary>
    public void Unfit(Slot slot, PoolWorker worker, Call call, Outcome? outcome)
    {
        if (call.EndsWorker)
        {
            PoolEvents.WorkerSpent(log, slot.Name, worker.ProcessId, call.Name, call.Id);
            return;
        }
        Keep(slot, worker.ProcessId, call, "Unfit", outcome?.Failure);
        PoolEvents.WorkerUnfit(log, slot.Name, worker.ProcessId, call.Name, outcome?.Failure?.Message, outcome?.Failure is { } failure ? ReasonOf(failure) : null, call.Id);
    }

    /// <summary>A worker takes calls: it is the first in its place, or replaces one that has ended.</summary>
    public void Ready(Slot slot, bool spare)
    {
        if (slot.VacantSince != 0)
            PoolEvents.WorkerReplaced(log, slot.Name, slot.Worker!.ProcessId, clock.GetElapsedTime(slot.VacantSince).TotalMilliseconds, spare);
        slot.VacantSince = 0;
    }

    /// <summary>An end, or a start that failed, that nobody here had asked for; unless it came to a limit that it had been given, it is the latest of them.</summary>
    private void Unplanned(Slot slot, int? processId, Call? call, string reason, Exception cause, bool isLimit)
    {
        if (!isLimit)
            Volatile.Write(ref last, new(clock.GetTimestamp(), slot.Name, processId, reason, cause.Message));
        pool.Telemetry.Series.Deaths.Count(reason);
        Keep(slot, processId, call, reason, cause);
    }

    /// <summary>For whoever looks into the program.</summary>
    private void Keep(Slot slot, int? processId, Call? call, string reason, Exception? cause)
    {
        if (Watch.IsOn)
            Deaths.Add(new(clock.GetUtcNow(), pool.Number, pool.Options.Name, slot.Name, processId, reason, $"Reason: {reason}.", call?.Name, call is null ? null : MillisecondsOf(call)), cause);
    }

    private static string ReasonOf(Exception cause) => cause is WorkerCrashedException crash ? crash.Reason.ToString() : cause.GetType().Name.Replace("Exception", "", StringComparison.Ordinal);

    /// <summary>How long the call has run; null where it has not begun. Of a quick call, how long its worker has had it: it may have waited behind another for some microseconds.</summary>
    private double? MillisecondsOf(Call call) => call switch
    {
        QuickCall { Sequence: > 0, HandedOverAt: not 0 } quick => Environment.TickCount64 - quick.HandedOverAt,
        { BegunAt: not 0 } => clock.GetElapsedTime(call.BegunAt).TotalMilliseconds,
        _ => null,
    };
}

/// <summary>A worker died by itself, was killed by somebody else, or did not start.</summary>
/// <param name="At">When, by the pool's clock.</param>
/// <param name="Worker">Its name.</param>
/// <param name="ProcessId">Its process, where it had one.</param>
/// <param name="Reason">In a word, as in the log.</param>
/// <param name="Message">What its failure says.</param>
internal sealed record UnplannedDeath(long At, string Worker, int? ProcessId, string Reason, string Message);
