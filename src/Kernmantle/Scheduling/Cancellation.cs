using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;

namespace Kernmantle.Scheduling;

/// <summary>
/// Callers that give their call up: what has not begun ends at once; what has gets its token cancelled, and its worker killed if it does not follow within the
/// grace. A token is watched only once its caller has stopped looking after the call itself.
/// </summary>
internal sealed class Cancellation(Scheduler scheduler)
{
    /// <summary>Cancels the call with its token, from now on.</summary>
    public void Watch(Call call)
    {
        CancellationTokenRegistration registration = call.Token.UnsafeRegister(static (state, _) =>
        {
            (Cancellation cancellation, Call call) = ((Cancellation, Call))state!;
            cancellation.Request(call);
        }, (this, call));
        Keep(call, registration);
    }

    /// <summary>The same of a quick call, which must not become another call meanwhile.</summary>
    public void WatchQuick(QuickCall call)
    {
        if (!call.Token.CanBeCanceled)
            return;
        call.Scheduler = scheduler;
        Keep(call, call.Token.UnsafeRegister(static (state, token) => ((QuickCall)state!).Scheduler!.Cancellation.RequestQuick((QuickCall)state, token), call));
    }

    private void Keep(Call call, CancellationTokenRegistration registration)
    {
        lock (scheduler.Gate)
        {
            if (call.State != CallState.Ended)
            {
                call.Registration = registration;
                return;
            }
        }
        registration.Unregister();
    }

    public void Request(Call call)
    {
        using var transition = new Transition(scheduler);
        if (call.State == CallState.Ended || call.CancelRequested)
            return;
        call.CancelRequested = true;
        if (call.State == CallState.Queued)
        {
            scheduler.Dispatcher.Dequeue(call);
            scheduler.Ledger.End(call, Outcome.Cancelled);
        }
        else
            scheduler.Killing.Cancel(call.Slot!, call);
    }

    /// <param name="call">The call.</param>
    /// <param name="token">Its own; if it has another one by now, it has ended, and is another call.</param>
    public void RequestQuick(QuickCall call, CancellationToken token)
    {
        using var transition = new Transition(scheduler);
        if (call.State == CallState.Ended || call.CancelRequested)
            return;
        Volatile.ReadBarrier();
        if (call.Token == token)   // with this one, which is cancelled, no other call is made
            RequestQuick(call);
    }

    /// <summary>Under the lock: of one that has not ended, and is that call.</summary>
    public void RequestQuick(QuickCall call)
    {
        if (call.PartNow is not null)
        {
            scheduler.Joiner.Cancel(call);
            return;
        }
        call.CancelRequested = true;
        if (call is JoinedCalls all)
            all.AllGivenUp = true;   // what is split off from them, too
        if (call.Slot is { Worker: { } running } slot && slot.HasQuick(call))
        {
            if (!running.HasBegun(call) || call.Count > 1)
                scheduler.Ahead.Recall(slot);
            if (slot.HasQuick(call) && call is JoinedCalls joined && (call.First == 0 || call.First + call.Count - 1 > running.LastBegun))
                (joined.CancelRequested, joined.AwaitsCancel) = (false, true);   // the worker could not be recalled just now: its token would be that of others too
            else if (slot.HasQuick(call))
                scheduler.Killing.Cancel(slot, call);
        }
        else if (call.State == CallState.Queued)
        {
            scheduler.Dispatcher.Dequeue(call);
            scheduler.Ledger.End(call, Outcome.Cancelled);
        }
        else
        {
            call.CancelRequested = false;   // it was handed over as a frame meanwhile
            scheduler.Then(new(EffectKind.RequestCancel, Call: call));
        }
    }
}
