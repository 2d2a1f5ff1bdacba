using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that find the queue full, where they are to wait (<see cref="QueueFullMode.Wait"/>): they stand in a line, and are admitted to the queue in
/// their order, by one thread at a time, since reading what a call carries may run the user's code.
/// </summary>
internal sealed class Admission(Scheduler scheduler, Submission submission)
{
    private readonly WorkerPoolOptions options = scheduler.Options;

    private readonly WaitingLine waiting = new();

    /// <summary>Those that wait, and the one that is being admitted: who comes meanwhile is behind them.</summary>
    private int unadmitted;

    private bool admitting;

    private Dispatcher Dispatcher => scheduler.Dispatcher;

    /// <summary>Calls that wait; a waiter may stand for many.</summary>
    public int Calls => waiting.Calls;

    /// <summary>Waiters.</summary>
    public int Waiters => waiting.Count;

    /// <summary>Waiters, and the one that is being admitted.</summary>
    public int Unadmitted => unadmitted;

    /// <summary>For <see cref="Invariants"/>.</summary>
    public bool AnyWaitsThatShouldFail => options.QueueFull == QueueFullMode.Fail && waiting.First is { Call: { } call } && ModeOf(call.Options) == QueueFullMode.Fail;

    /// <summary>Who comes now is behind somebody. May be asked without the lock.</summary>
    public bool AnyWaits => Volatile.Read(ref unadmitted) > 0;

    /// <summary>Asked without the lock, so that a call which has to wait, or fails, is not encoded. <see cref="Dispatcher.Accept"/> decides.</summary>
    public bool IsCrowded => AnyWaits || Dispatcher.Queued >= options.QueueCapacity;

    /// <summary>How many of them might run at once if there were more workers.</summary>
    public int WaitersThatRunAnywhere => waiting.First is { RunsAnywhere: true } ? waiting.Count : 0;

    /// <summary>What happens to calls with those options that find the queue full.</summary>
    public QueueFullMode ModeOf(CallOptions call) => call.QueueFull ?? options.QueueFull;

    /// <summary>The failure of a call that is to fail when the queue is full, before it is encoded; counts it. Null: there is room, or what there is will be known when it is submitted.</summary>
    public Exception? Refusal(CallOptions call)
    {
        lock (scheduler.Gate)
        {
            if (!scheduler.TakesCalls || (!AnyWaits && (HasRoomFor(1) || (call.Key is null && scheduler.Slots.AnyIdle))))
                return null;
            scheduler.Ledger.CountRefused();
        }
        return new QueueFullException(options.QueueCapacity) { CallName = call.Name };
    }

    /// <summary>Has the call wait for room in the queue. False: it need not, or may not, and is to be submitted.</summary>
    public bool TryWait(Waiter waiter, CancellationToken token)
    {
        Call? call = waiter.Call;
        if (scheduler.Telemetry.IsOn)
        {
            CallWatch watch = PoolTelemetry.Made();
            if (call is null)
                waiter.Watch = watch;
            else
                call.Watch = watch;
        }
        lock (scheduler.Gate)
        {
            bool isNeeded = AnyWaits || (Dispatcher.Queued >= options.QueueCapacity && !(waiter.RunsAnywhere && scheduler.Slots.AnyIdle) && call is not { ReleasesInstance: true });
            if (!scheduler.TakesCalls || !isNeeded || (waiting.Count >= options.MaxWaiting && call is not { ReleasesInstance: true }))
                return false;
            scheduler.Ledger.CountIn();
            Line(waiter);
        }
        if (!token.CanBeCanceled)
            return true;
        if (call is not null)
            scheduler.Cancellation.Watch(call);
        else
            Watch(waiter, token);
        return true;
    }

    /// <summary>A call that was encoded when the queue filled up waits, or ends where it may not.</summary>
    public void Line(Call call)
    {
        if (ModeOf(call.Options) == QueueFullMode.Fail)
            scheduler.Ledger.End(call, Outcome.Failed(new QueueFullException(options.QueueCapacity) { CallName = call.Name }));
        else if (waiting.Count >= options.MaxWaiting && !call.ReleasesInstance)
            scheduler.Ledger.End(call, Outcome.Failed(new QueueFullException(options.QueueCapacity, waiting.Count) { CallName = call.Name }));
        else
            Line(new CallWaiter(call, isEncoded: true));
    }

    private void Line(Waiter waiter)
    {
        waiting.AddLast(waiter);
        unadmitted++;
        if (waiter.RunsAnywhere)
            scheduler.Elasticity.OnWaiting();
        if (waiter.Call is not { } call)
            return;
        Ledger.Queue(call);
        call.Watch?.BeginWait();
        call.Waiter = waiter;
    }

    /// <summary>It waits no longer, and is not admitted.</summary>
    public void GiveUp(Waiter waiter)
    {
        Leave(waiter);
        unadmitted--;
    }

    /// <summary>One that was being admitted is submitted.</summary>
    public void OnSubmitted() => unadmitted--;

    private void Leave(Waiter waiter)
    {
        waiting.Remove(waiter);
        waiter.Call?.Waiter = null;
    }

    /// <summary>All that wait end.</summary>
    public void EndAll(Func<Exception> failure)
    {
        while (waiting.First is { } waiter)
            End(waiter, Outcome.Failed(failure()));
    }

    /// <summary>One that still waits ends.</summary>
    private void End(Waiter waiter, Outcome outcome)
    {
        if (waiter.Call is { } call)
        {
            Dispatcher.Dequeue(call);
            scheduler.Ledger.End(call, outcome);
            return;
        }
        GiveUp(waiter);
        scheduler.Ledger.End(waiter, outcome);
    }

    private void Watch(Waiter waiter, CancellationToken token)
    {
        CancellationTokenRegistration registration = token.UnsafeRegister(static (state, _) =>
        {
            (Admission admission, Waiter waiter) = ((Admission, Waiter))state!;
            admission.OnCancelled(waiter);
        }, (this, waiter));
        lock (scheduler.Gate)
        {
            if (waiter.Line is not null)
            {
                waiter.Registration = registration;
                return;
            }
        }
        registration.Unregister();
    }

    private void OnCancelled(Waiter waiter)
    {
        using var transition = new Transition(scheduler);
        if (waiter.Line is not null)   // else admitted: the call's own watch sees to it
            End(waiter, Outcome.Cancelled);
    }

    // --- Admitting ---

    /// <summary>Whether the queue has room for so many calls more. Items of a map come together, and have the whole queue if need be.</summary>
    public bool HasRoomFor(int calls)
    {
        int queued = Dispatcher.Queued;
        return queued == 0 || queued + calls <= options.QueueCapacity;
    }

    private bool MayEnter(Waiter first) => HasRoomFor(first.Count) || (first.RunsAnywhere && scheduler.Slots.AnyIdle);

    /// <summary>Outside of the lock, after every transition: admits those for whom there is room now.</summary>
    public void Look()
    {
        if (!AnyWaits)
            return;
        lock (scheduler.Gate)
        {
            // Not for every single place: that would wake a thread for each call. Half a queue keeps the workers busy meanwhile.
            bool isDue = !admitting && waiting.First is { } first && MayEnter(first) && (Dispatcher.Queued <= options.QueueCapacity / 2 || scheduler.Slots.AnyListed);
            if (!isDue)
                return;
            admitting = true;
        }
        scheduler.Later(AdmitAll);
    }

    private void AdmitAll()
    {
        while (TakeFirst() is { } waiter)
        {
            waiter.Registration.Unregister();
            Call call;
            try
            {
                call = waiter.Admit(submission);
                if (waiter.Call is null)
                    call.Watch = waiter.Watch;
            }
            catch (Exception e)
            {
                // A user's property or enumerator may throw anything: that is the call's failure.
                Refuse(waiter, Outcome.Failed(e));
                continue;
            }
            try
            {
                if (call is QuickCall quick)
                    Submit(quick);
                else
                    scheduler.Submit(call, isAdmitted: true);
            }
            catch (Exception e)
            {
                PoolEvents.EffectFailed(scheduler.Log, e, options.Name, "Admit", call.Name);   // a defect of ours must not keep out those behind it
            }
        }
        scheduler.Room.Look();
    }

    private Waiter? TakeFirst()
    {
        lock (scheduler.Gate)
        {
            if (waiting.First is { } first && MayEnter(first))
            {
                Leave(first);
                return first;
            }
            admitting = false;
            return null;
        }
    }

    private void Submit(QuickCall call)
    {
        call.Enter();
        scheduler.SubmitQuick(call, attend: false, isAdmitted: true);
        if (call.Token.CanBeCanceled)
            scheduler.Cancellation.WatchQuick(call);
        call.Leave();
    }

    /// <summary>It could not be made a call.</summary>
    private void Refuse(Waiter waiter, Outcome outcome)
    {
        using var transition = new Transition(scheduler);
        unadmitted--;
        if (waiter.Call is { } call)
            scheduler.Ledger.End(call, outcome);
        else
            scheduler.Ledger.End(waiter, outcome);
    }
}
