using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling.Joining;

/// <summary>
/// Short calls of one function that are queued one right after the other join: they cost one place in each list, one record and one answer for many, as the items of a map do. Each keeps its
/// own task, begins, ends, fails and is cancelled by itself. All of it under the pool's lock.
/// </summary>
internal sealed class Joiner(Scheduler scheduler)
{
    /// <summary>The last in the queue, which may grow; null while there is none such.</summary>
    private JoinedCalls? open;

    /// <summary>Where calls are counted by worker, tried again, or wait for more workers, each stands for itself.</summary>
    private readonly bool isPossible =
        scheduler.Kind.Recycling?.Calls is null && scheduler.Options.Retry is null && scheduler.Elasticity.LeastWorkers == scheduler.Slots.Count;

    /// <summary>The call, which is to be the last in the queue, joins those at its end, if it is like them. Then it is none of its own any more.</summary>
    public bool TryJoin(Call call)
    {
        if (!isPossible || !scheduler.Kind.HasQuickWay || call is not QuickCall quick || !MayJoin(quick))
            return false;
        if (open is null || open != scheduler.Dispatcher.Queue.Last)
            open = Found(quick);
        if (open?.TryAdd(quick) != true)
            return false;
        quick.OnJoined(open, open.Count - 1);
        scheduler.Dispatcher.CountJoined();
        scheduler.Ledger.Join();
        return true;
    }

    /// <summary>Joined calls of which the last in the queue is the first, if the new one is like that; null otherwise.</summary>
    private JoinedCalls? Found(QuickCall next)
    {
        Dispatcher dispatcher = scheduler.Dispatcher;
        if (dispatcher.Queue.Last is not QuickCall last || !MayJoin(last) || !JoinedCalls.AreAlike(last, next))
            return null;
        JoinedCalls calls = last.StartJoining(scheduler);
        dispatcher.Dequeue(last);
        last.OnJoined(calls, 0);
        dispatcher.Insert(calls, before: null);
        return calls;
    }

    /// <summary>It is in the queue no more.</summary>
    public void OnDequeued(Call call)
    {
        if (open == call)
            open = null;
    }

    /// <summary>
    /// The caller of one of them gives it up. One that has not begun ends at once: it is taken back with all that has not, and parted from the others. One that runs is the last that its
    /// worker has of them then, and is cancelled as any call.
    /// </summary>
    public void Cancel(QuickCall call)
    {
        call.CancelRequested = true;
        if (call.PartNow is { Slot: { Worker: not null } slot } placed && slot.HasQuick(placed))
            scheduler.Ahead.Recall(slot);   // what is put back is looked through for it
        JoinedCalls part = call.PartNow!;
        if (part.State == CallState.Queued)
            EndCancelled(part);
        else if (part.Slot is { Worker: { } worker } home && home.HasQuick(part))
            CancelIn(home, worker, part, part.IndexOf(call));
    }

    private void CancelIn(Slot slot, PoolWorker worker, JoinedCalls part, int at)
    {
        long number = part.First + at, begun = worker.LastBegun;
        if (part.First > 0 && number < begun)
            return;   // answered, or about to be
        if (part.First > 0 && number == begun && at == part.Count - 1)
        {
            part.CancelRequested = true;
            scheduler.Killing.Cancel(slot, part);
        }
        else
        {
            part.AwaitsCancel = true;   // the worker could not be recalled just now
        }
    }

    /// <summary>From time to time: those that could not be cancelled when their callers gave them up.</summary>
    public void CancelAwaiting(Slot slot)
    {
        foreach (JoinedCalls part in slot.Quick.OfType<JoinedCalls>().Where(static p => p.AwaitsCancel).ToArray())
        {
            part.AwaitsCancel = false;
            foreach (QuickCall call in part.GivenUp().ToArray())
                Cancel(call);
            if (part.AllGivenUp && part.State != CallState.Ended)
                scheduler.Cancellation.RequestQuick(part);
        }
    }

    /// <summary>They are in the queue again. One that a worker may have died of, before it began, goes to the next by itself.</summary>
    public void OnPutBack(JoinedCalls calls)
    {
        JoinedCalls? rest = calls.Count > 1 && calls.Supervision?.DeathsBefore.Count > 0 ? PartFirst(calls) : null;
        EndCancelled(calls);
        if (rest is not null)
            EndCancelled(rest);
    }

    /// <summary>Of calls in a queue, those end that were given up.</summary>
    private void EndCancelled(JoinedCalls part)
    {
        while (part.GivenUp().FirstOrDefault() is { } call)
        {
            JoinedCalls with = call.PartNow!;
            Part(with, with.IndexOf(call), out JoinedCalls alone, out JoinedCalls? after);
            scheduler.Ledger.End(alone, Outcome.Cancelled);
            if (after is null)
                return;
            part = after;
        }
    }

    /// <summary>The first of calls in a queue parts from the others.</summary>
    private JoinedCalls PartFirst(JoinedCalls calls)
    {
        Call? next = calls.Next;
        scheduler.Dispatcher.Dequeue(calls);
        JoinedCalls rest = calls.Split(1)!;
        scheduler.Dispatcher.Insert(calls, next);
        Insert(rest, next);
        return rest;
    }

    /// <summary>Takes one of calls in a queue out of it; the others stay where they were.</summary>
    private void Part(JoinedCalls calls, int at, out JoinedCalls alone, out JoinedCalls? after)
    {
        Call? next = calls.Next;
        scheduler.Dispatcher.Dequeue(calls);
        after = calls.Split(at + 1);
        alone = calls;
        if (at > 0)
        {
            alone = calls.Split(at)!;
            scheduler.Ledger.CountIn();
            scheduler.Dispatcher.Insert(calls, next);
        }
        Insert(after, next);
    }

    private void Insert(JoinedCalls? split, Call? next)
    {
        if (split is null)
            return;
        scheduler.Ledger.CountIn();
        scheduler.Dispatcher.Insert(split, next);
    }

    private bool MayJoin(QuickCall call) =>
        call.MayJoin
        && JoinedCalls.IsShort(call)
        && (call.Bound == Timeout.InfiniteTimeSpan || scheduler.Options.TimeoutGrace == TimeSpan.Zero);   // one that is asked before its worker is killed must be asked alone
}
