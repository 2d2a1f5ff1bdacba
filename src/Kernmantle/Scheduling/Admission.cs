using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that find the queue full, where they are to wait (<see cref="QueueFullMode.Wait"/>): they stand in a line, and are admitted to the queue in
/// their order, by one thread at a time, since reading what a call carries may run the user's code.
/// </summary>
internal sealed class Admission(Scheduler scheduler, Submission submission)
{
    /// <summary>How many are admitted together, at most.</summary>
    public const int AtOnce = 64;

    /// <summary>No more are made before they are submitted, in bytes of what they carry.</summary>
    private const int BytesAtOnce = 64 << 10;

    private readonly WorkerPoolOptions options = scheduler.Options;

    private readonly WaitingLine waiting = new();

    /// <summary>Those that wait, and those that are being admitted: who comes meanwhile is behind them.</summary>
    private int unadmitted;

    private bool admitting;

    private Dispatcher Dispatcher => scheduler.Dispatcher;

    /// <summary>Calls that wait; a waiter may stand for many.</summary>
    public int Calls => waiting.Calls;

    /// <summary>Waiters.</summary>
    public int Waiters => waiting.Count;

    /// <summary>Waiters, and those that are being admitted.</summary>
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
            if (!MustWait(waiter.RunsAnywhere, call is { ReleasesInstance: true }))
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

    /// <summary>The same of a call without a token that nobody measures: with those before it, if they are like it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryWait<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions call, bool isPlain, Task<TResult> promise)
    {
        lock (scheduler.Gate)
        {
            if (!MustWait(call.Key is null, releases: false))
                return false;
            scheduler.Ledger.CountIn();
            if (waiting.Last is RunWaiters<TArgs, TResult> others && others.TryAdd(function, shape, arguments, call, isPlain, promise))
            {
                waiting.Change(1);
                unadmitted++;
                return true;
            }
            var waiter = new RunWaiters<TArgs, TResult>(shape, call, isPlain);
            waiter.TryAdd(function, shape, arguments, call, isPlain, promise);
            Line(waiter);
            return true;
        }
    }

    private bool MustWait(bool runsAnywhere, bool releases)
    {
        bool isNeeded = AnyWaits || (Dispatcher.Queued >= options.QueueCapacity && !(runsAnywhere && scheduler.Slots.AnyIdle) && !releases);
        return scheduler.TakesCalls && isNeeded && (waiting.Count < options.MaxWaiting || releases);
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
        unadmitted += waiter.Members;
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
        {
            if (waiter.Call is not null)
            {
                End(waiter, Outcome.Failed(failure()));
                continue;
            }
            unadmitted--;
            scheduler.Ledger.End(TakeOne(waiter), Outcome.Failed(failure()));
        }
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

    private bool MayEnter(Waiter first) => HasRoomFor(PlacesOf(first)) || (first.RunsAnywhere && scheduler.Slots.AnyIdle);

    /// <summary>How many places it takes, or the first of those that stand in line as it.</summary>
    private static int PlacesOf(Waiter first) => first.Members > 1 ? 1 : first.Count;

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

    /// <summary>By one thread at a time: some at a time, so that the lock is taken once for all of them.</summary>
    private void AdmitAll()
    {
        var waiters = new List<Waiter>(AtOnce);
        var calls = new List<QuickCall>(AtOnce);
        while (TakeFirst(waiters))
        {
            long bytes = 0;
            foreach (Waiter waiter in waiters)
            {
                if (calls.Count > 0 && bytes > BytesAtOnce)
                {
                    Submit(calls);
                    bytes = 0;
                }
                if (Make(waiter) is not { } call)
                    continue;
                if (waiter.Call is null && call is QuickCall quick)
                {
                    calls.Add(quick);
                    bytes += call.Payload.Length;
                    continue;
                }
                Submit(calls);   // in their order
                Guard(call, static (scheduler, call) => scheduler.Admitted.Submit(call));
            }
            Submit(calls);
            waiters.Clear();
        }
        scheduler.Room.Look();
    }

    /// <summary>The call that the waiter stands for, complete; null where it cannot be made, and has been told so.</summary>
    private Call? Make(Waiter waiter)
    {
        waiter.Registration.Unregister();
        try
        {
            Call call = waiter.Admit(submission);
            if (waiter.Call is null)
                call.Watch = waiter.Watch;
            return call;
        }
        catch (Exception e)
        {
            // A user's property or enumerator may throw anything: that is the call's failure.
            Refuse(waiter, Outcome.Failed(e));
            return null;
        }
    }

    private void Submit(List<QuickCall> calls)
    {
        if (calls.Count > 0)
            Guard(calls, static (scheduler, calls) => scheduler.Admitted.Submit(calls));
        calls.Clear();
    }

    /// <summary>A defect of ours must not keep out those behind it.</summary>
    private void Guard<T>(T what, Action<Scheduler, T> submit)
        where T : class
    {
        try
        {
            submit(scheduler, what);
        }
        catch (Exception e)
        {
            PoolEvents.EffectFailed(scheduler.Log, e, options.Name, "Admit", (what as Call)?.Name);
        }
    }

    /// <summary>The first of those that stand in line as that one, which is the first there.</summary>
    private Waiter TakeOne(Waiter first)
    {
        if (first.TakeFirst() is { } one)
        {
            waiting.Change(-1);
            if (first.Members == 0)
                Leave(first);
            return one;
        }
        Leave(first);
        return first;
    }

    /// <summary>
    /// As many of the first as there is room for; one whose admission runs the program's code by itself: that may wait for one before it, and those behind it are in line meanwhile, where they can be
    /// given up. False: there are none, and nobody admits any more.
    /// </summary>
    private bool TakeFirst(List<Waiter> taken)
    {
        lock (scheduler.Gate)
        {
            int places = 0;
            bool isAlone = false;
            while (taken.Count < AtOnce && !isAlone && waiting.First is { } first && (places == 0 ? MayEnter(first) : IsPlain(first) && Dispatcher.Queued + places + PlacesOf(first) <= options.QueueCapacity))
            {
                isAlone = !IsPlain(first);
                places += PlacesOf(first);
                taken.Add(TakeOne(first));
            }
            admitting = taken.Count > 0;
            return admitting;
        }
    }

    /// <summary>Who admits it runs no code of the program's, be it the function itself.</summary>
    private bool IsPlain(Waiter waiter) => waiter.IsPlain && !scheduler.Kind.CallerIsWorker;

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
