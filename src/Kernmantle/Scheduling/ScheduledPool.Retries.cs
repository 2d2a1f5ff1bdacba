using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that are tried again. Between two attempts a call is Queued in no queue, but in <see cref="retrying"/>; so it is while its policy is asked whether there is to be
/// another one, which runs the user's code outside of the lock.
/// </summary>
internal abstract partial class ScheduledPool
{
    private long retried;

    /// <summary>Calls that pause before their next attempt: in no queue, but alive.</summary>
    private readonly HashSet<Call> retrying = [];

    private bool MayRetry(Call call, Outcome outcome)
    {
        if (outcome.Failure is not { } failure || failure is PoisonedCallException || call.CancelRequested || !call.MayRepeat || phase != Phase.Running || broken is not null)
            return false;
        if (PolicyOf(call) is not { } policy || !policy.Repeats(failure, call.Attempt))
            return false;
        return call.Generation == 0 || failure is RemoteException;   // else its object is gone
    }

    private RetryPolicy? PolicyOf(Call call) => call.Options.Retry ?? Options.Retry;

    /// <summary>What is returned is to be run outside of the lock.</summary>
    private Action? Retry(Call call, Outcome outcome)
    {
        RetryPolicy policy = PolicyOf(call)!;
        var failed = new RetryAttempt(call.Name, call.Attempt, outcome.Failure!, policy.PauseAfter(call.Attempt));
        NameFailure(outcome, call);
        call.Attempt++;
        call.BegunAt = 0;
        call.State = CallState.Queued;
        call.Slot = null;
        call.Supervision?.PrepareRepeat();
        (call as QuickCall)?.TakeBack();
        retrying.Add(call);
        Action? after = call.Scope is null ? null : call.Scope.Unwatch;
        if (policy.AsksUser)
        {
            long id = call.Id;
            return after + (() => ThreadPool.UnsafeQueueUserWorkItem(_ => Ask(call, id, failed, policy, outcome), null));   // this may be the thread of a worker, or the one that hears of them all
        }
        Pause(call, failed, failed.Pause);
        return after;
    }

    private void Ask(Call call, long id, RetryAttempt failed, RetryPolicy policy, Outcome outcome)
    {
        TimeSpan? pause = null;
        try
        {
            pause = policy.Ask(failed);
        }
        catch (Exception e)
        {
            CallEvents.RetryPolicyThrew(Log, e, failed.CallName);
        }
        Action? after = null;
        lock (gate)
        {
            if (call.Id != id || call.State != CallState.Queued || call.Attempt != failed.Attempt + 1 || !retrying.Contains(call))
                return;   // it was cancelled meanwhile, or the pool has ended
            if (pause is { } time)
                Pause(call, failed, time);
            else
                after = EndForGood(call, outcome);
        }
        Carry(after);
    }

    private void Pause(Call call, RetryAttempt failed, TimeSpan pause)
    {
        retried++;
        if (failed.Failure is MemoryLimitException && call.Limits is { MemoryBytes: { } memory } limits)
            call.Limits = Limits.Merge(new() { MemoryBytes = (long)Math.Min(memory * PolicyOf(call)!.MemoryFactor, long.MaxValue / 2) }, limits);
        int attempt = call.Attempt;
        Arm(call, pause, () =>
        {
            Action? after = null;
            lock (gate)
            {
                if (call.State == CallState.Queued && call.Attempt == attempt && retrying.Remove(call))
                    after = Requeue(call);
            }
            Carry(after);
        });
    }

    /// <summary>A call that has waited before goes before those that came later.</summary>
    private Action? Requeue(Call call)
    {
        if (IdleSlotFor(call) is { } slot)
            return Assign(slot, call, later: true);
        return Enqueue(call, first: true);
    }
}
