using System.Diagnostics;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that take too long, where their worker reports each begin: a timer for each, from its begin. Those of quick calls are <see cref="Deadlines"/>. What
/// happens when the time is over is the same for both: <see cref="Killing"/>.
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
            scheduler.Killing.AskToEnd(slot, call, grace);
        else
            scheduler.Killing.KillForTimeout(slot, call);
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
