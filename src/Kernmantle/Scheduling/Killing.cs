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
    /// <summary>Its caller has given up a call that the slot's worker has: it is asked to end, and ended with its worker if it does not follow.</summary>
    public void Cancel(Slot slot, Call call)
    {
        if (call.IsLeft)
            CancelToken(slot, call, CallAttempt.Of(call));
        else if (scheduler.Options.KillGrace > TimeSpan.Zero)
            AskToEnd(slot, call, scheduler.Options.KillGrace);
        else
            Kill(slot, call, Outcome.Cancelled);
    }

    /// <summary>Cancels the token of the call, and ends its worker if it has not ended after the grace.</summary>
    public void AskToEnd(Slot slot, Call call, TimeSpan grace)
    {
        var attempt = CallAttempt.Of(call);
        scheduler.Arm(call, grace, () => OnGraceOver(call, attempt));
        CancelToken(slot, call, attempt);
    }

    private void CancelToken(Slot slot, Call call, CallAttempt attempt) =>
        scheduler.Then(new(slot.HasQuick(call) ? EffectKind.CancelQuick : EffectKind.CancelCall, slot.Worker, call, attempt));

    private void OnGraceOver(Call call, CallAttempt attempt)
    {
        using var transition = new Transition(scheduler);
        if (!IsThere(call, attempt))
            return;
        if (call.Supervision?.TimedOutAfter is null)
            Kill(call.Slot!, call, Outcome.Cancelled);
        else
            KillForTimeout(call.Slot!, call);
    }

    /// <summary>The call took too long: ends it and its worker after evidence has been taken, where it can be. The worker is not killed while somebody looks at it.</summary>
    public void KillForTimeout(Slot slot, Call call)
    {
        PoolWorker worker = slot.Worker!;
        if (!worker.GivesEvidence)
        {
            Kill(slot, call, Outcome.Cancelled);   // the timeout decides the outcome
            return;
        }
        call.Supervise().IsLookedAt = true;
        scheduler.Then(new(EffectKind.TakeEvidence, worker, call, CallAttempt.Of(call)));
    }

    /// <summary>Outside of the lock.</summary>
    public async Task TakeEvidenceAsync(Call call, CallAttempt attempt, PoolWorker worker)
    {
        WorkerEvidence evidence = await worker.TakeEvidenceAsync().ConfigureAwait(false);
        using var transition = new Transition(scheduler);
        if (!IsThere(call, attempt) || call.Slot!.Worker != worker)
            return;
        call.Supervise().Evidence = evidence;
        Kill(call.Slot, call, Outcome.Cancelled);
    }

    /// <summary>A worker still has that attempt of the call.</summary>
    private static bool IsThere(Call call, CallAttempt attempt) =>
        attempt.Is(call) && call.Slot is { Worker: not null } slot && (slot.HasQuick(call) || (call.State is CallState.Assigned or CallState.Begun && slot.Runs(call)));

    /// <summary>Ends a call that the slot's worker has, and its worker.</summary>
    public void Kill(Slot slot, Call call, Outcome outcome)
    {
        if (call is QuickCall quick && slot.HasQuick(call))
            KillQuick(slot, quick, outcome);
        else
            KillRunning(slot, call, outcome);
    }

    private void KillRunning(Slot slot, Call call, Outcome outcome)
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
            scheduler.Dispatcher.NextIfAny(slot);
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

    private void KillQuick(Slot slot, QuickCall call, Outcome outcome)
    {
        PoolWorker worker = slot.Worker!;
        call.Supervision?.GivenUp = true;
        slot.Quick.Remove(call);
        scheduler.Ahead.KeepRest(slot, call, worker);
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
        if (slot.HasQuick(call) || (call.State == CallState.Begun && slot.Runs(call)))
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
        ["The function does not look at its token."])
    { WorkerName = slot.Name };
}
