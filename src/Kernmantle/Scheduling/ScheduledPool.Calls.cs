using System.Diagnostics;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>The life of a call: begin, timeout, cancellation, retry, end.</summary>
internal abstract partial class ScheduledPool
{
    private long completed;
    private long failed;
    private long cancelled;
    public bool OnBegun(PoolWorker worker, Call call, bool debuggerAttached)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.Slot?.Worker != worker || call.Slot.Current != call)
                return false;
            call.State = CallState.Begun;
            call.BegunAt = Clock.GetTimestamp();
            CallBounds bounds = BoundsOf(call);
            if (call.CancelRequested)
            {
                // Its token went before the call reached the worker. The one timer that it has is that of the grace.
                after = () => worker.CancelCall(call);
            }
            else if (bounds.AreAny && !debuggerAttached)
            {
                ArmTimeout(call, bounds, bounds.First);
                if (bounds.Function != Timeout.InfiniteTimeSpan && worker.GivesEvidence)
                    after = worker.PrepareEvidence;
            }
        }
        Carry(after);
        return true;
    }

    public void OnInterleaved(PoolWorker worker, Call call)
    {
        Action? after;
        lock (gate)
        {
            if (call.Slot is not { } slot || slot.Worker != worker || slot.Current != call)
                return;
            call.State = CallState.Begun;
            if (call.BegunAt == 0)
                call.BegunAt = Clock.GetTimestamp();
            call.Interleaves = true;
            slot.Interleave(call);
            after = slot.IsIdle ? Next(slot) : null;
        }
        Carry(after);
    }

    public void OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit)
    {
        LookAtMemory(worker);
        Action? after;
        lock (gate)
        {
            if (call.Supervision is { IsLookedAt: true } && call.Slot?.Worker == worker)
                return;   // it has ended already
            if (call.Slot is not { } slot || slot.Worker != worker || !slot.Drop(call))
            {
                abandoned.Remove(call);
                return;
            }
            after = End(call, outcome);
            CountUse(slot, 1);
            if (workerUnfit)
            {
                RecordUnfit(slot, worker, call, outcome);
                after += EndInterleaved(slot, call) + Replace(slot, outcome.Failure);
            }
            else if (slot.IsIdle)
                after += Next(slot);
        }
        Carry(after);
    }

    /// <summary>The one way out of a call, unless it is tried again. What is returned is to be run outside of the lock.</summary>
    private Action? End(Call call, Outcome outcome)
    {
        if (call.State == CallState.Ended)
            return null;
        if (call.Supervision is { TimedOutAfter: { } timeout } supervision && outcome.Failure is not CallTimeoutException)
            outcome = Outcome.Failed(TimeoutOf(call, timeout, supervision));
        if (outcome.Failure is WorkerCrashedException death)
            outcome = Outcome.Failed(PoisonOf(call, death) ?? death);
        call.Timer?.Dispose();
        return MayRetry(call, outcome) ? Retry(call, outcome) : EndForGood(call, outcome);
    }

    private Action EndForGood(Call call, Outcome outcome)
    {
        if (call.Shape.ResultIsInstance)
        {
            if (outcome.Failure is null && !outcome.IsCancelled)
                call.Generation = call.Slot!.Generation;
            else if (call.PinnedTo is { } home)   // it had been given a place
                CountOut(home);
        }
        else if (call.ReleasesInstance && call.PinnedTo is { } left && left.Generation == call.Generation)
            CountOut(left);
        retrying.Remove(call);
        call.State = CallState.Ended;
        call.Registration.Unregister();
        if (!call.IsConcludedLater)
            Add(call.Tally(outcome));
        NameFailure(outcome, call);
        return () => Settle(call, outcome);
    }

    private void NameFailure(Outcome outcome, Call call)
    {
        if (outcome.Failure is not WorkerException failure)
            return;
        failure.CallName ??= call.Name;
        failure.WorkerName ??= call.Slot is null ? null : call.Slot.Name;
        failure.Origin = Log;
    }

    /// <summary>Outside of the lock: tells the caller. The call is alive until then, so that a pool is not gone before its calls.</summary>
    private void Settle(Call call, Outcome outcome)
    {
        if (call.IsConcludedLater)
        {
            call.Conclude(outcome);
            lock (gate)
                Add(call.Tally(outcome));
        }
        call.Complete(outcome);
        call.Scope?.Close();
        lock (gate)
        {
            live--;
            SignalIfDrained();
            AssertInvariants();
        }
    }

    private void Add(CallTally tally)
    {
        completed += tally.Completed;
        failed += tally.Failed;
        cancelled += tally.Cancelled;
    }

    /// <summary>A clock may call back from within <see cref="TimeProvider.CreateTimer"/>, which is used under the lock: not in the middle of a transition.</summary>
    private void CallBack(Action callback)
    {
        if (gate.IsHeldByCurrentThread)
            ThreadPool.UnsafeQueueUserWorkItem(static later => later(), callback, preferLocal: false);
        else
            callback();
    }

    private void Arm(Call call, TimeSpan due, Action callback)
    {
        call.Timer?.Dispose();
        call.Timer = Clock.CreateTimer(_ => CallBack(callback), null, due, Timeout.InfiniteTimeSpan);
    }

    private CallBounds BoundsOf(Call call) => new(BoundOf(call.Options), TransferTimeout, Clock);

    private void ArmTimeout(Call call, CallBounds bounds, TimeSpan due)
    {
        int attempt = call.Attempt;
        Arm(call, due, () => OnTimeout(call, attempt, bounds));
    }

    private void OnTimeout(Call call, int attempt, CallBounds bounds)
    {
        bool unheard = call.Slot?.Worker?.HasUnheard ?? false;   // a system call: not under the lock
        Action? after = null;
        lock (gate)
        {
            if (call.State != CallState.Begun || call.Attempt != attempt || call.CancelRequested || call.Slot is not { Worker: { } worker } slot)
                return;
            Overrun overrun = bounds.Look(worker.ClockOf(call, call.BegunAt), call.BegunAt, out TimeSpan next);
            if (overrun == Overrun.None)
            {
                if (next != Timeout.InfiniteTimeSpan)
                    ArmTimeout(call, bounds, next);
                return;
            }
            TimeSpan bound = bounds.Of(overrun);
            if (Debugger.IsAttached)
            {
                ArmTimeout(call, bounds, bound);
                return;
            }
            if (unheard && call.Supervise().WaitsToHear())
            {
                ArmTimeout(call, bounds, CallSupervision.HearingPause);
                return;
            }
            (call.Supervise().TimedOutAfter, call.Supervise().Overrun) = (bound, overrun);
            // One of many that share a worker is asked first: a kill takes the others along.
            bool alone = worker.CanLetGo(call) || (slot.Current == call && slot.Interleaved.Count == 0);
            TimeSpan grace = overrun != Overrun.Function ? TimeSpan.Zero   // nothing of ours looks at a token
                : alone || Options.TimeoutGrace > TimeSpan.Zero ? Options.TimeoutGrace : Options.KillGrace;
            if (grace > TimeSpan.Zero)
            {
                Arm(call, grace, () => OnGraceOver(call, attempt));
                after = () => worker.CancelCall(call);
            }
            else
            {
                after = KillForTimeout(slot, call, worker);
            }
        }
        Carry(after);
    }

    /// <summary>After evidence has been taken, where it can be: the worker is not killed while somebody looks at it.</summary>
    private Action? KillForTimeout(Slot slot, Call call, PoolWorker worker)
    {
        if (!worker.GivesEvidence)
            return KillCurrent(slot, call, Outcome.Cancelled);   // the timeout decides the outcome
        int attempt = call.Attempt;
        call.Supervise().IsLookedAt = true;
        return () => _ = TakeEvidenceAsync(call, attempt, worker);
    }

    private async Task TakeEvidenceAsync(Call call, int attempt, PoolWorker worker)
    {
        WorkerEvidence evidence = await worker.TakeEvidenceAsync().ConfigureAwait(false);
        Action? after = null;
        lock (gate)
        {
            if (call.State == CallState.Begun && call.Attempt == attempt && call.Slot is { } slot && slot.Worker == worker && slot.Runs(call))
            {
                call.Supervise().Evidence = evidence;
                after = KillCurrent(slot, call, Outcome.Cancelled);
            }
        }
        Carry(after);
    }

    private static CallTimeoutException TimeoutOf(Call call, TimeSpan timeout, CallSupervision supervision)
    {
        bool stays = supervision.GivenUp && call.Slot?.Worker is { CanKill: false };
        string end = stays ? "A thread cannot be stopped: the function may go on running. Use a process to be able to kill it."
            : supervision is { GivenUp: true, Overrun: not Overrun.Function } ? "Its worker was killed and replaced."
            : supervision.GivenUp ? $"Its worker was killed and replaced. Give it more time, or make it shorter{(supervision.Evidence?.Stacks is null ? "" : ": Stacks says what it was doing")}."
            : "It ended before its worker was killed.";
        WorkerEvidence? evidence = supervision.Evidence;
        return new(CallTimeoutException.TextOf(call.Name, supervision.Overrun, timeout, end), timeout, stays, supervision.Overrun != Overrun.Function, evidence?.Stacks, evidence?.DumpFile);
    }

    public void OnLimit(PoolWorker worker, Call call, long id, WorkerException failure)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.Id != id || call.Slot is not { } slot || slot.Worker != worker)
                after = null;   // it has ended; the object may be another call
            else if (call is QuickCall quick && call.Line == slot.Quick)
                after = KillQuick(slot, quick, Outcome.Failed(failure));
            else if (call.State == CallState.Begun && slot.Runs(call))
                after = KillCurrent(slot, call, Outcome.Failed(failure));
        }
        Carry(after);
    }

    public void OnWorn(PoolWorker worker, Call call)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.State != CallState.Assigned || call.Slot is not { } slot || slot.Worker != worker)
                return;
            PoolEvents.WorkerWorn(Log, slot.Name, worker.ProcessId, call.Name, call.Id);
            after = worker.Kill;
            var cause = new WorkerCrashedException($"{slot.Name} was replaced: what it held left {call.Name} no room under its memory limit.", CrashReason.Killed, null, null, [], ["Earlier calls have filled it."]);
            after += slot.Drop(call) ? Move(call, cause) : Retire(slot);
            after += EndInterleaved(slot, call) + Replace(slot, cause);
        }
        Carry(after);
    }

    private void WatchToken(Call call)
    {
        CancellationTokenRegistration registration = call.Token.UnsafeRegister(static (state, _) =>
        {
            (ScheduledPool pool, Call call) = ((ScheduledPool, Call))state!;
            pool.OnCancelRequested(call);
        }, (this, call));
        lock (gate)
        {
            if (call.State != CallState.Ended)
            {
                call.Registration = registration;
                return;
            }
        }
        registration.Unregister();
    }

    private void OnCancelRequested(Call call)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.State == CallState.Ended || call.CancelRequested)
                return;
            call.CancelRequested = true;
            if (call.State == CallState.Queued)
            {
                Dequeue(call);
                after = End(call, Outcome.Cancelled);
            }
            else if (Options.KillGrace > TimeSpan.Zero)
            {
                int attempt = call.Attempt;
                PoolWorker worker = call.Slot!.Worker!;
                Arm(call, Options.KillGrace, () => OnGraceOver(call, attempt));
                after = () => worker.CancelCall(call);
            }
            else
            {
                after = KillCurrent(call.Slot!, call, Outcome.Cancelled);
            }
        }
        Carry(after);
    }

    private void OnGraceOver(Call call, int attempt)
    {
        Action? after = null;
        lock (gate)
        {
            if (call.State is CallState.Assigned or CallState.Begun && call.Attempt == attempt && call.Slot is { Worker: { } worker } slot)
                after = call.Supervision?.TimedOutAfter is null ? KillCurrent(slot, call, Outcome.Cancelled) : KillForTimeout(slot, call, worker);
        }
        Carry(after);
    }

    /// <summary>Ends the slot's call and its worker. The slot is free for a new worker at once: nobody awaits the death.</summary>
    private Action? KillCurrent(Slot slot, Call call, Outcome outcome)
    {
        PoolWorker worker = slot.Worker!;
        call.Supervision?.GivenUp = true;
        if (call.Supervision is { TimedOutAfter: { } timeout } supervision)
            outcome = Outcome.Failed(TimeoutOf(call, timeout, supervision));
        if (phase != Phase.Disposed && worker.CanLetGo(call) && slot.Drop(call))
        {
            // It is waiting and blocks nobody: the other calls go on.
            abandoned.Add(call);
            Action? end = () => worker.CancelCall(call);
            end += End(call, outcome);
            return slot.IsIdle ? end + Next(slot) : end;
        }
        slot.Drop(call);
        RecordKill(slot, worker, call, outcome);
        Action? after = worker.Kill;
        if (!worker.CanKill)
            abandoned.Add(call);
        after += End(call, outcome);
        after += EndInterleaved(slot, call);
        return after + Replace(slot, outcome.Failure ?? NotFollowed(slot, call));
    }

    private WorkerCrashedException NotFollowed(Slot slot, Call call) => new(
        $"{slot.Name} was ended: {call.Name} was cancelled, and did not end within {Options.KillGrace}.",
        CrashReason.Killed,
        null,
        null,
        [],
        ["The function does not look at its token."]) { WorkerName = slot.Name };

    /// <summary>The calls that shared a worker with one for which it was ended.</summary>
    private Action? EndInterleaved(Slot slot, Call cause)
    {
        Action? after = null;
        // Such a worker says that a call has begun only where it is asked to: this one may have.
        if (slot.Current is { } current)
            slot.Interleave(current);
        foreach (Call call in slot.Interleaved.ToArray())
        {
            slot.Drop(call);
            after += End(call, Outcome.Failed(new WorkerCrashedException(
                $"{call.Name} ran beside {cause.Name} in one worker, which was ended because of that call.",
                CrashReason.Killed,
                null,
                null,
                [],
                ["The other call timed out, was cancelled, or made its worker unfit, and did not end when it was asked to."])));
        }
        return after;
    }

    private static StateLostException StateLost(Call call, Exception? cause = null)
    {
        cause ??= call.PinnedTo!.CauseOf(call.Generation);
        return new($"The object that {call.Name} was called on is gone with its worker{(cause is null ? "." : $": {cause.Message}")}", cause) { CallName = call.Name };
    }
}
