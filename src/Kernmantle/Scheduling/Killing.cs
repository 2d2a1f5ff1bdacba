using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// The end of a call together with its worker: for a timeout, a cancellation that it does not follow, a limit, or the end of the pool. The slot is free for a new worker
/// at once: nobody awaits the death. What else the worker had goes elsewhere, or ends with it where it had begun.
/// </summary>
internal sealed class Killing(Scheduler scheduler)
{
    /// <summary>Ends a call that the slot runs, and its worker.</summary>
    public void Kill(Slot slot, Call call, Outcome outcome)
    {
        PoolWorker worker = slot.Worker!;
        call.Supervision?.GivenUp = true;
        if (call.Supervision is { TimedOutAfter: { } timeout } supervision)
            outcome = Outcome.Failed(Timeouts.FailureOf(call, timeout, supervision));
        if (!scheduler.Shutdown.IsOver && worker.CanLetGo(call) && slot.Drop(call))
        {
            // It is waiting and blocks nobody: the other calls go on.
            scheduler.Ledger.Abandoned.Add(call);
            scheduler.Then(new(EffectKind.CancelCall, worker, call));
            scheduler.Ledger.End(call, outcome);
            if (slot.IsIdle)
                scheduler.Dispatcher.Next(slot);
            return;
        }
        slot.Drop(call);
        scheduler.Records.Kill(slot, worker, call, outcome);
        scheduler.Then(new(EffectKind.Kill, worker));
        if (!worker.CanKill)
            scheduler.Ledger.Abandoned.Add(call);
        scheduler.Ledger.End(call, outcome);
        EndInterleaved(slot, call);
        scheduler.Supervisor.Replace(slot, outcome.Failure ?? NotFollowed(slot, call));
    }

    /// <summary>Ends a quick call that the slot's worker has, and its worker.</summary>
    public void KillQuick(Slot slot, QuickCall call, Outcome outcome)
    {
        PoolWorker worker = slot.Worker!;
        call.Supervision?.GivenUp = true;
        slot.Quick.Remove(call);
        scheduler.Ahead.KeepRest(call, worker);
        if (call.Supervision is { TimedOutAfter: { } timeout } supervision)
            outcome = Outcome.Failed(IsPast(call, supervision, worker) ? Meanwhile(call) : Timeouts.FailureOf(call, timeout, supervision));
        scheduler.Records.Kill(slot, worker, call, outcome);
        scheduler.Then(new(EffectKind.Kill, worker));
        scheduler.Ledger.End(call, outcome);
        scheduler.Ahead.Retire(slot);
        scheduler.Supervisor.Replace(slot, outcome.Failure ?? NotFollowed(slot, call));
    }

    /// <summary>The calls that shared a worker with one for which it was ended.</summary>
    public void EndInterleaved(Slot slot, Call cause)
    {
        // Such a worker says that a call has begun only where it is asked to: this one may have.
        if (slot.Current is { } current)
            slot.Interleave(current);
        foreach (Call call in slot.Interleaved.ToArray())
        {
            slot.Drop(call);
            scheduler.Ledger.End(call, Outcome.Failed(new WorkerCrashedException(
                $"{call.Name} ran beside {cause.Name} in one worker, which was ended because of that call.",
                CrashReason.Killed,
                null,
                null,
                [],
                ["The other call timed out, was cancelled, or made its worker unfit, and did not end when it was asked to."])));
        }
    }

    /// <summary>The call has reached a limit.</summary>
    public void OnLimit(PoolWorker worker, Call call, long id, WorkerException failure)
    {
        using var transition = new Transition(scheduler);
        if (call.Id != id || call.Slot is not { } slot || slot.Worker != worker)
            return;   // it has ended; the object may be another call
        if (call is QuickCall quick && call.Line == slot.Quick)
            KillQuick(slot, quick, Outcome.Failed(failure));
        else if (call.State == CallState.Begun && slot.Runs(call))
            Kill(slot, call, Outcome.Failed(failure));
    }

    /// <summary>What the worker holds leaves the call, which it was not sent, no room under its limits.</summary>
    public void OnWorn(PoolWorker worker, Call call)
    {
        using var transition = new Transition(scheduler);
        if (call.State != CallState.Assigned || call.Slot is not { } slot || slot.Worker != worker)
            return;
        PoolEvents.WorkerWorn(scheduler.Log, slot.Name, worker.ProcessId, call.Name, call.Id);
        scheduler.Then(new(EffectKind.Kill, worker));
        var cause = new WorkerCrashedException($"{slot.Name} was replaced: what it held left {call.Name} no room under its memory limit.", CrashReason.Killed, null, null, [], ["Earlier calls have filled it."]);
        if (slot.Drop(call))
            scheduler.Dispatcher.Move(call, cause);
        else
            scheduler.Ahead.Retire(slot);
        EndInterleaved(slot, call);
        scheduler.Supervisor.Replace(slot, cause);
    }

    /// <summary>The failure of a call whose worker was ended for another one.</summary>
    public static WorkerCrashedException Meanwhile(Call call) =>
        new($"{call.Name} had begun on a worker that was killed for another call.", CrashReason.Killed, null, null, [], ["Another call on the same worker was cancelled, took too long, or ran out of memory."]);

    /// <summary>While evidence was taken of an item that took too long, it ended, and the next one began, which ends with the worker and is not to blame.</summary>
    private static bool IsPast(QuickCall call, CallSupervision supervision, PoolWorker worker)
    {
        if (call is not Maps.BatchCall || supervision.TimedOutItem >= worker.LastBegun)
            return false;
        supervision.TimedOutAfter = null;
        return true;
    }

    private WorkerCrashedException NotFollowed(Slot slot, Call call) => new(
        $"{slot.Name} was ended: {call.Name} was cancelled, and did not end within {scheduler.Options.KillGrace}.",
        CrashReason.Killed,
        null,
        null,
        [],
        ["The function does not look at its token."]) { WorkerName = slot.Name };
}
