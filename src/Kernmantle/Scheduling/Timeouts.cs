using System.Diagnostics;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that take too long, where their worker reports each begin: a timer for each, from its begin. Those of quick calls are <see cref="Deadlines"/>. What
/// happens when the time is over is the same: the call is asked, evidence is taken, its worker is ended.
/// </summary>
internal sealed class Timeouts(Scheduler scheduler)
{
    /// <summary>The call begins.</summary>
    public void Begin(Call call, PoolWorker worker)
    {
        CallBounds bounds = BoundsOf(call);
        if (!bounds.AreAny)
            return;
        Arm(call, bounds, bounds.First);
        if (bounds.Function != Timeout.InfiniteTimeSpan && worker.GivesEvidence)
            scheduler.Then(new(EffectKind.PrepareEvidence, worker));
    }

    /// <summary>Asks the call to end, and ends its worker if it has not after the grace.</summary>
    public void AskToEnd(Call call, PoolWorker worker, TimeSpan grace)
    {
        int attempt = call.Attempt;
        scheduler.Arm(call, grace, () => OnGraceOver(call, attempt));
        scheduler.Then(new(EffectKind.CancelCall, worker, call));
    }

    private CallBounds BoundsOf(Call call) => new(scheduler.BoundOf(call.Options), scheduler.Kind.TransferTimeout, scheduler.Clock);

    private void Arm(Call call, CallBounds bounds, TimeSpan due)
    {
        int attempt = call.Attempt;
        scheduler.Arm(call, due, () => OnTimeout(call, attempt, bounds));
    }

    private void OnTimeout(Call call, int attempt, CallBounds bounds)
    {
        bool unheard = call.Slot?.Worker?.HasUnheard ?? false;   // a system call: not under the lock
        using var transition = new Transition(scheduler);
        if (call.State != CallState.Begun || call.Attempt != attempt || call.CancelRequested || call.Slot is not { Worker: { } worker } slot)
            return;
        Overrun overrun = bounds.Look(worker.ClockOf(call, call.BegunAt), call.BegunAt, out TimeSpan next);
        if (overrun == Overrun.None)
        {
            if (next != Timeout.InfiniteTimeSpan)
                Arm(call, bounds, next);
            return;
        }
        TimeSpan bound = bounds.Of(overrun);
        if (Debugger.IsAttached)
        {
            Arm(call, bounds, bound);
            return;
        }
        if (unheard && call.Supervise().WaitsToHear())
        {
            Arm(call, bounds, CallSupervision.HearingPause);
            return;
        }
        (call.Supervise().TimedOutAfter, call.Supervise().Overrun) = (bound, overrun);
        WorkerPoolOptions options = scheduler.Options;
        // One of many that share a worker is asked first: a kill takes the others along.
        bool alone = worker.CanLetGo(call) || (slot.Current == call && slot.Interleaved.Count == 0);
        TimeSpan grace = overrun != Overrun.Function ? TimeSpan.Zero   // nothing of ours looks at a token
            : alone || options.TimeoutGrace > TimeSpan.Zero ? options.TimeoutGrace : options.KillGrace;
        if (grace > TimeSpan.Zero)
            AskToEnd(call, worker, grace);
        else
            KillFor(slot, call, worker);
    }

    private void OnGraceOver(Call call, int attempt)
    {
        using var transition = new Transition(scheduler);
        if (call.State is not (CallState.Assigned or CallState.Begun) || call.Attempt != attempt || call.Slot is not { Worker: { } worker } slot)
            return;
        if (call.Supervision?.TimedOutAfter is null)
            scheduler.Killing.Kill(slot, call, Outcome.Cancelled);
        else
            KillFor(slot, call, worker);
    }

    /// <summary>After evidence has been taken, where it can be: the worker is not killed while somebody looks at it.</summary>
    private void KillFor(Slot slot, Call call, PoolWorker worker)
    {
        if (!worker.GivesEvidence)
        {
            scheduler.Killing.Kill(slot, call, Outcome.Cancelled);   // the timeout decides the outcome
            return;
        }
        call.Supervise().IsLookedAt = true;
        scheduler.Then(new(EffectKind.TakeEvidence, worker, call, Number: call.Attempt));
    }

    /// <summary>Outside of the lock.</summary>
    public async Task TakeEvidenceAsync(Call call, long attempt, PoolWorker worker)
    {
        WorkerEvidence evidence = await worker.TakeEvidenceAsync().ConfigureAwait(false);
        End(call, attempt, worker, evidence);
    }

    private void End(Call call, long attempt, PoolWorker worker, WorkerEvidence evidence)
    {
        using var transition = new Transition(scheduler);
        if (call.State != CallState.Begun || call.Attempt != attempt || call.Slot is not { } slot || slot.Worker != worker || !slot.Runs(call))
            return;
        call.Supervise().Evidence = evidence;
        scheduler.Killing.Kill(slot, call, Outcome.Cancelled);
    }

    /// <summary>How the call fails, of whatever kind it is.</summary>
    public static CallTimeoutException FailureOf(Call call, TimeSpan timeout, CallSupervision supervision)
    {
        bool stays = supervision.GivenUp && call.Slot?.Worker is { CanKill: false };
        string end = stays ? "A thread cannot be stopped: the function may go on running. Use a process to be able to kill it."
            : supervision is { GivenUp: true, Overrun: not Overrun.Function } ? "Its worker was killed and replaced."
            : supervision.GivenUp ? $"Its worker was killed and replaced. Give it more time, or make it shorter{(supervision.Evidence?.Stacks is null ? "" : ": Stacks says what it was doing")}."
            : "It ended before its worker was killed.";
        WorkerEvidence? evidence = supervision.Evidence;
        return new(CallTimeoutException.TextOf(call.Name, supervision.Overrun, timeout, end), timeout, stays, supervision.Overrun != Overrun.Function, evidence?.Stacks, evidence?.DumpFile);
    }
}
