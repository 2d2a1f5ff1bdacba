using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that are tried again. Between two attempts a call is Queued in no queue, but here; so it is while its policy is asked whether there is to be
/// another one, which runs the user's code outside of the lock.
/// </summary>
internal sealed class Retries(Scheduler scheduler)
{
    private readonly HashSet<Call> pausing = [];

    /// <summary>Calls that pause before their next attempt: in no queue, but alive.</summary>
    public IReadOnlyCollection<Call> Pausing => pausing;

    public RetryPolicy? PolicyOf(Call call) => call.Options.Retry ?? scheduler.Options.Retry;

    public bool May(Call call, Outcome outcome)
    {
        if (outcome.Failure is not { } failure || failure is PoisonedCallException || call.CancelRequested || !call.MayRepeat || !scheduler.TakesCalls)
            return false;
        if (PolicyOf(call) is not { } policy || !policy.Repeats(failure, call.Attempt))
            return false;
        return call.Generation == 0 || failure is RemoteException;   // else its object is gone
    }

    /// <summary>The call has failed, and <see cref="May"/> be tried again.</summary>
    public void Begin(Call call, Outcome outcome)
    {
        RetryPolicy policy = PolicyOf(call)!;
        var failed = new RetryAttempt(call.Name, call.Attempt, outcome.Failure!, policy.PauseAfter(call.Attempt));
        scheduler.Ledger.NameFailure(outcome, call);
        Ledger.BeginAgain(call);
        pausing.Add(call);
        if (call.Scope is not null)
            scheduler.Then(new(EffectKind.Unwatch, Call: call));
        if (policy.AsksUser)
            scheduler.Then(new(EffectKind.AskPolicy, Call: call, Detail: new RetryQuestion(failed, policy, outcome), Number: call.Id));
        else
            Pause(call, failed, failed.Pause);
    }

    /// <summary>It is tried again now, or has ended.</summary>
    public bool Forget(Call call) => pausing.Remove(call);

    /// <summary>Outside of the lock. This may be the thread of a worker, or the one that hears of them all: the user is asked on another.</summary>
    public void Ask(Call call, long id, RetryQuestion question) =>
        scheduler.Later(() => AskNow(call, id, question));

    private void AskNow(Call call, long id, RetryQuestion question)
    {
        RetryAttempt failed = question.Failed;
        TimeSpan? pause = null;
        try
        {
            pause = question.Policy.Ask(failed);
        }
        catch (Exception e)
        {
            CallEvents.RetryPolicyThrew(scheduler.Log, e, failed.CallName);
        }
        using var transition = new Transition(scheduler);
        if (call.Id != id || call.State != CallState.Queued || call.Attempt != failed.Attempt + 1 || !pausing.Contains(call))
            return;   // it was cancelled meanwhile, or the pool has ended
        if (pause is { } time)
            Pause(call, failed, time);
        else
            scheduler.Ledger.EndForGood(call, question.Outcome);
    }

    private void Pause(Call call, RetryAttempt failed, TimeSpan pause)
    {
        scheduler.Ledger.CountRetry();
        if (failed.Failure is MemoryLimitException && call.Limits is { MemoryBytes: { } memory } limits)
            call.Limits = Limits.Merge(new() { MemoryBytes = (long)Math.Min(memory * PolicyOf(call)!.MemoryFactor, long.MaxValue / 2) }, limits);
        int attempt = call.Attempt;
        scheduler.Arm(call, pause, () =>
        {
            using var transition = new Transition(scheduler);
            if (call.State == CallState.Queued && call.Attempt == attempt && Forget(call))
                scheduler.Dispatcher.Requeue(call);
        });
    }
}
