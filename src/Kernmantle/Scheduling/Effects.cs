using System.Diagnostics;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling;

/// <summary>What transitions leave to be done outside of the lock, in their order; and who does it.</summary>
internal sealed class Effects(Scheduler scheduler)
{
    /// <summary>Longer lists are not kept for the next transition.</summary>
    private const int MostKept = 1024;

    [ThreadStatic]
    private static List<Effect>? spare;

    private List<Effect> pending = [];

    /// <summary>Under the lock: to be done outside of it, after what was left before.</summary>
    public void Add(in Effect effect)
    {
        if (effect.Kind == EffectKind.Start)
            pending.Insert(0, effect);
        else
            pending.Add(effect);
    }

    /// <summary>Under the lock, at the end of a transition: what is to be done. Null for nothing.</summary>
    public List<Effect>? Take()
    {
        if (pending.Count == 0)
            return null;
        List<Effect> taken = pending;
        (pending, spare) = (spare ?? [], null);
        return taken;
    }

    /// <summary>Outside of the lock, after every transition: does what it left to be done, and looks whether it made room for somebody.</summary>
    public void Carry(List<Effect>? effects)
    {
        if (effects is not null)
        {
            foreach (Effect effect in effects)
                Do(effect);
            effects.Clear();
            if (effects.Capacity <= MostKept)
                spare = effects;
        }
        scheduler.Room.Look();
        scheduler.Admission.Look();
    }

    /// <summary>Each effect is guarded: those behind it are done whatever comes of it.</summary>
    private void Do(in Effect effect)
    {
        try
        {
            Run(effect);
        }
        catch (Exception e)
        {
            PoolEvents.EffectFailed(scheduler.Log, e, scheduler.Options.Name, effect.Kind.ToString(), effect.Call?.Name);
        }
    }

    private static void CancelQuick(PoolWorker worker, QuickCall call, CallAttempt attempt)
    {
        Interlocked.MemoryBarrier();   // one that has no number yet is cancelled by who hands it over
        long number = call.Sequence;
        Volatile.ReadBarrier();   // a new call gets its id before its number
        if (attempt.Is(call) && number > 0)
            worker.CancelQuick(call, number);
    }

    private void Run(in Effect effect)
    {
        Call? call = effect.Call;
        PoolWorker worker = effect.Worker!;
        switch (effect.Kind)
        {
            case EffectKind.Offer:
                worker.Offer((QuickCall)call!, effect.Number);
                break;
            case EffectKind.Dispatch:
                worker.Dispatch(call!);
                break;
            case EffectKind.DispatchLater:
                scheduler.Kind.DispatchLater(worker, call!);
                break;
            case EffectKind.Scatter:
                ((BatchCall)call!).Scatter(scheduler.Submission);
                break;
            case EffectKind.CancelCall:
                worker.CancelCall(call!);
                break;
            case EffectKind.CancelQuick:
                CancelQuick(worker, (QuickCall)call!, (CallAttempt)effect.Detail!);
                break;
            case EffectKind.RequestCancel:
                scheduler.Cancellation.Request(call!);
                break;
            case EffectKind.Kill:
                worker.Kill();
                break;
            case EffectKind.WakeCaller:
                worker.WakeCaller();
                break;
            case EffectKind.PrepareEvidence:
                worker.PrepareEvidence();
                break;
            case EffectKind.TakeEvidence:
                _ = scheduler.Killing.TakeEvidenceAsync(call!, (CallAttempt)effect.Detail!, worker);
                break;
            case EffectKind.Unwatch:
                call!.Scope!.Unwatch();
                break;
            case EffectKind.AskPolicy:
                scheduler.Retries.Ask(call!, effect.Number, (RetryQuestion)effect.Detail!);
                break;
            case EffectKind.Finish:
                ((QuickCall)call!).Finish();
                break;
            case EffectKind.Settle:
                scheduler.Ledger.Settle(call!, (Outcome)effect.Detail!);
                break;
            case EffectKind.SettleWaiter:
                scheduler.Ledger.Settle((RefusedWaiter)effect.Detail!);
                break;
            case EffectKind.Start:
                _ = scheduler.Supervisor.StartNowAsync(worker, (WorkerStart)effect.Detail!);
                break;
            case EffectKind.TryLater:
                scheduler.Breaker.TryLater(TimeSpan.FromTicks(effect.Number));
                break;
            default:
                throw new UnreachableException($"No such effect: {effect.Kind}.");
        }
    }
}
