using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Scheduling;

/// <summary>
/// The accounts of calls: the only code that changes where a call stands (<see cref="Call.State"/>), and the figures. <see cref="End(Call, Outcome)"/> is the one way out
/// of a call: whoever comes first there (completion, cancellation, timeout, death, disposal) ends it, everybody else finds it ended. Under the scheduler's
/// lock, but for <see cref="Settle(Call, Outcome)"/> and its twin.
/// </summary>
internal sealed class Ledger(Scheduler scheduler)
{
    private long completed;
    private long failed;
    private long cancelled;

    /// <summary>Calls that have not ended, those included that wait to become one.</summary>
    public int Live { get; private set; }

    public long Completed => completed;

    public long Failed => failed;

    public long Cancelled => cancelled;

    /// <summary>Attempts that were repeated.</summary>
    public long Retried { get; private set; }

    /// <summary>Calls whose function may still run on a thread that was let go of.</summary>
    public HashSet<Call> Abandoned { get; } = [];

    // --- Where a call stands ---

    /// <summary>One more, or one that waits to become one, or a part split off from one.</summary>
    public void CountIn() => Live++;

    /// <summary>It waits: in a queue, in the line before that, or between two attempts.</summary>
    public static void Queue(Call call)
    {
        call.State = CallState.Queued;
        call.Slot = null;
    }

    /// <summary>It is the slot's.</summary>
    public static void Assign(Call call, Slot slot)
    {
        call.Slot = slot;
        call.State = CallState.Assigned;
        call.Watch?.EndWait();
    }

    /// <summary>Its first user instruction comes next, or may have come.</summary>
    public void Begin(Call call)
    {
        call.State = CallState.Begun;
        if (call.BegunAt == 0)
            call.BegunAt = scheduler.Clock.GetTimestamp();
    }

    /// <summary>It is found to have begun: the begin of a quick call is written down by its worker, and not reported.</summary>
    public static void FindBegun(QuickCall call) => call.State = CallState.Begun;

    /// <summary>It failed, and is tried again.</summary>
    public static void BeginAgain(Call call)
    {
        Queue(call);
        call.Attempt++;
        call.BegunAt = 0;
        call.Supervision?.PrepareRepeat();
        (call as QuickCall)?.TakeBack();
    }

    /// <summary>There is to be another attempt.</summary>
    public void CountRetry()
    {
        Retried++;
        scheduler.Telemetry.Series.CountRetry();
    }

    /// <summary>It has become part of another one.</summary>
    public void Join() => Live--;

    /// <summary>It has ended as part of another one: its token is nothing to it any more.</summary>
    public static void Part(QuickCall call)
    {
        call.State = CallState.Ended;
        call.Registration.Unregister();
    }

    /// <summary>Of calls that joined, some are answered, and the others are not.</summary>
    public void Answered(JoinedCalls calls, CallTally tally)
    {
        Add(calls, tally);
        if (calls.WatchedSince != 0)
            calls.WatchedSince = scheduler.Clock.GetTimestamp();   // the next took their time from here on
    }

    /// <summary>A call fails before it is one.</summary>
    public void CountRefused() => failed++;

    /// <summary>Its items become calls of their own.</summary>
    public void Dissolve(BatchCall batch)
    {
        batch.State = CallState.Ended;
        if (batch.Watch is { IsOn: true })
            scheduler.Telemetry.End(batch);
        Live += batch is JoinedCalls ? batch.Count - 1 : -1;   // items of a map are counted as they are submitted
    }

    /// <summary>A quick call has succeeded; of a map's items, some may have failed. Its caller is told by <see cref="QuickCall.Finish"/>.</summary>
    public void Succeed(QuickCall call)
    {
        call.State = CallState.Ended;
        call.Timer?.Dispose();
        call.Registration.Unregister();
        Live--;
        Add(call, call.Tally(Outcome.Done));
        if (call.Watch is { IsOn: true })
            scheduler.Telemetry.End(call);
        scheduler.Shutdown.SignalIfDrained();
    }

    // --- The end ---

    /// <summary>The one way out of a call, unless it is tried again.</summary>
    public void End(Call call, Outcome outcome)
    {
        if (call.State == CallState.Ended)
            return;
        if (call.Supervision is { TimedOutAfter: { } timeout } supervision && outcome.Failure is not CallTimeoutException)
            outcome = Outcome.Failed(Timeouts.FailureOf(call, timeout, supervision));
        if (outcome.Failure is WorkerCrashedException death)
            outcome = Outcome.Failed(Poison.Of(call, death, scheduler.Retries.PolicyOf(call)) ?? death);
        call.Timer?.Dispose();
        if (scheduler.Retries.May(call, outcome))
            scheduler.Retries.Begin(call, outcome);
        else
            EndForGood(call, outcome);
    }

    /// <summary>It is not tried again.</summary>
    public void EndForGood(Call call, Outcome outcome)
    {
        if (call.Shape.ResultIsInstance)
        {
            if (outcome.Failure is null && !outcome.IsCancelled)
                call.Generation = call.Slot!.Generation;
            else if (call.PinnedTo is { } home)   // it had been given a place
                scheduler.Elasticity.CountOut(home);
        }
        else if (call.ReleasesInstance && call.PinnedTo is { } left && left.Generation == call.Generation)
            scheduler.Elasticity.CountOut(left);
        scheduler.Retries.Forget(call);
        call.State = CallState.Ended;
        call.Registration.Unregister();
        if (!call.IsConcludedLater)
            Add(call, call.Tally(outcome));
        NameFailure(outcome, call);
        if (call.Watch is { IsOn: true })
            scheduler.Telemetry.End(call, outcome.Failure, outcome.IsCancelled);
        scheduler.Then(new(EffectKind.Settle, Call: call, Detail: outcome));
    }

    /// <summary>A waiter ends without having become a call.</summary>
    public void End(Waiter waiter, Outcome outcome)
    {
        Add(CallTally.Of(waiter.Count, outcome));
        if (waiter.Watch is not null)
            scheduler.Telemetry.End(waiter, outcome);
        scheduler.Then(new(EffectKind.SettleWaiter, Detail: new RefusedWaiter(waiter, outcome)));
    }

    /// <summary>Says of a failure whose it is.</summary>
    public void NameFailure(Outcome outcome, Call call)
    {
        if (outcome.Failure is not WorkerException failure)
            return;
        failure.CallName ??= call.Name;
        failure.WorkerName ??= call.Slot is null ? null : call.Slot.Name;
        failure.Origin = scheduler.Log;
    }

    /// <summary>Outside of the lock: tells the caller. The call is alive until then, so that a pool is not gone before its calls.</summary>
    public void Settle(Call call, Outcome outcome)
    {
        try
        {
            if (call.IsConcludedLater)
            {
                call.Conclude(outcome);
                lock (scheduler.Gate)
                    Add(call, call.Tally(outcome));
            }
            call.Complete(outcome);
            call.Scope?.Close();
        }
        finally
        {
            CountOut();
        }
    }

    /// <summary>The same of what never became a call.</summary>
    public void Settle(RefusedWaiter refused)
    {
        try
        {
            refused.Waiter.Registration.Unregister();
            refused.Waiter.End(refused.Outcome);
        }
        finally
        {
            CountOut();
        }
    }

    private void CountOut()
    {
        lock (scheduler.Gate)
        {
            Live--;
            scheduler.Shutdown.SignalIfDrained();
        }
    }

    private void Add(Call call, CallTally tally)
    {
        Add(tally);
        if (Watch.SeesCalls)
            scheduler.Figures.End(call, tally);
    }

    private void Add(CallTally tally)
    {
        completed += tally.Completed;
        failed += tally.Failed;
        cancelled += tally.Cancelled;
    }
}
