using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that find the queue full, where they are to wait (<see cref="QueueFullMode.Wait"/>): they stand in a line, and are admitted to the queue in
/// their order, by one thread at a time, since reading what a call carries may run the user's code.
/// </summary>
internal abstract partial class ScheduledPool
{
    private readonly WaitingLine waiting = new();

    /// <summary>How many calls the queue may hold before further ones wait; no limit where they fail instead.</summary>
    private readonly int waitFrom;

    /// <summary>Those that wait, and the one that is being admitted: who comes meanwhile is behind them.</summary>
    private int unadmitted;

    private bool admitting;

    /// <summary>Asked without the lock, so that a call which has to wait is not encoded. <see cref="Accept"/> decides.</summary>
    internal sealed override bool IsCrowded => Volatile.Read(ref unadmitted) > 0 || Volatile.Read(ref queued) >= waitFrom;

    internal sealed override bool TryWait(Waiter waiter, CancellationToken token)
    {
        Call? call = waiter.Call;
        lock (gate)
        {
            bool isNeeded = unadmitted > 0 || (queued >= waitFrom && !(waiter.RunsAnywhere && HasIdleSlot()) && call is not { ReleasesInstance: true });
            if (phase != Phase.Running || broken is not null || !isNeeded || (waiting.Count >= Options.MaxWaiting && call is not { ReleasesInstance: true }))
                return false;
            live++;
            Line(waiter);
        }
        if (!token.CanBeCanceled)
            return true;
        if (call is not null)
            WatchToken(call);
        else
            WatchToken(waiter, token);
        return true;
    }

    private void Line(Waiter waiter)
    {
        waiting.AddLast(waiter);
        unadmitted++;
        if (parked > 0 && waiter.RunsAnywhere)
            WatchDemand();
        if (waiter.Call is not { } call)
            return;
        call.State = CallState.Queued;
        call.Waiter = waiter;
    }

    private void Leave(Waiter waiter)
    {
        waiting.Remove(waiter);
        waiter.Call?.Waiter = null;
    }

    private bool HasIdleSlot() => Grows || slots.Exists(static s => s.IsIdle && !s.PinnedOnly);

    /// <summary>Whether the queue has room for so many calls more. Items of a map come together, and have the whole queue if need be.</summary>
    private bool HasRoomFor(int calls) => queued + held == 0 || queued + held + calls <= Options.QueueCapacity;

    private void WatchToken(Waiter waiter, CancellationToken token)
    {
        CancellationTokenRegistration registration = token.UnsafeRegister(static (state, _) =>
        {
            (ScheduledPool pool, Waiter waiter) = ((ScheduledPool, Waiter))state!;
            pool.OnWaiterCancelled(waiter);
        }, (this, waiter));
        lock (gate)
        {
            if (waiter.Line is not null)
            {
                waiter.Registration = registration;
                return;
            }
        }
        registration.Unregister();
    }

    private void OnWaiterCancelled(Waiter waiter)
    {
        Action? after;
        lock (gate)
        {
            if (waiter.Line is null)
                return;   // admitted: the call's own watch sees to it
            after = EndWaiter(waiter, Outcome.Cancelled);
        }
        Carry(after);
    }

    /// <summary>One that still waits ends.</summary>
    private Action? EndWaiter(Waiter waiter, Outcome outcome)
    {
        if (waiter.Call is { } call)
        {
            Dequeue(call);
            return End(call, outcome);
        }
        Leave(waiter);
        unadmitted--;
        Add(CallTally.Of(waiter.Count, outcome));
        return () => Settle(waiter, outcome);
    }

    private void Settle(Waiter waiter, Outcome outcome)
    {
        waiter.Registration.Unregister();
        waiter.End(outcome);
        lock (gate)
        {
            live--;
            SignalIfDrained();
        }
    }

    /// <summary>Outside of the lock, after every transition: does what it left to be done, and admits those for whom there is room now.</summary>
    private void Carry(Action? after)
    {
        after?.Invoke();
        SignalRoom();
        if (Volatile.Read(ref unadmitted) == 0)
            return;
        lock (gate)
        {
            // Not for every single place: that would wake a thread for each call. Half a queue keeps the workers busy meanwhile.
            bool isDue = !admitting && waiting.First is { } first && MayEnter(first) && (queued <= Options.QueueCapacity / 2 || idle.Count > 0);
            if (!isDue)
                return;
            admitting = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.AdmitAll(), this, preferLocal: false);
    }

    private bool MayEnter(Waiter first) => HasRoomFor(first.Count) || (first.RunsAnywhere && HasIdleSlot());

    private void AdmitAll()
    {
        while (true)
        {
            Waiter waiter;
            lock (gate)
            {
                if (waiting.First is not { } first || !MayEnter(first))
                {
                    admitting = false;
                    break;
                }
                Leave(waiter = first);
            }
            waiter.Registration.Unregister();
            try
            {
                Call call = waiter.Admit(this);
                if (call is QuickCall quick)
                    SubmitAdmitted(quick);
                else
                    Submit(call, isAdmitted: true);
            }
            catch (Exception e)
            {
                // A user's property or enumerator may throw anything: that is the call's failure.
                Refuse(waiter, Outcome.Failed(e));
            }
        }
        SignalRoom();
    }

    private void SubmitAdmitted(QuickCall call)
    {
        call.Enter();
        SubmitQuick(call, attend: false, isAdmitted: true);
        if (call.Token.CanBeCanceled)
            WatchQuick(call);
        call.Leave();
    }

    /// <summary>It could not be made a call.</summary>
    private void Refuse(Waiter waiter, Outcome outcome)
    {
        Action? after;
        lock (gate)
        {
            unadmitted--;
            if (waiter.Call is { } call)
            {
                after = End(call, outcome);
            }
            else
            {
                Add(CallTally.Of(waiter.Count, outcome));
                after = () => Settle(waiter, outcome);
            }
        }
        after?.Invoke();
    }
}
