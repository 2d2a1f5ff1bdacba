using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>The end of the pool: drain, then kill, then wait until nothing is left.</summary>
internal sealed class Shutdown(Scheduler scheduler)
{
    /// <summary>How long the user's log, and whoever listens to metrics and traces, may take for what comes last.</summary>
    private static readonly TimeSpan FlushBound = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource killNow = new();
    private Phase phase;
    private Task? ending;

    private const string DisposedWhileRunning = "The pool was disposed of while the call ran; its worker was ended.";

    private const string NotBegun = "The pool was disposed of before the call began.";

    private enum Phase
    {
        Running,
        Draining,
        Over,
    }

    /// <summary>No new calls.</summary>
    public bool HasBegun => phase != Phase.Running;

    /// <summary>No calls at all.</summary>
    public bool IsOver => phase == Phase.Over;

    /// <summary>Whether a call comes too late. One that has waited for room does not while others finish.</summary>
    public bool Refuses(bool isAdmitted) => phase != Phase.Running && !(isAdmitted && phase == Phase.Draining);

    public ObjectDisposedException Refusal() => new(scheduler.Options.Name, "The pool has been disposed of.");

    public async Task KillAsync()
    {
        await killNow.CancelAsync().ConfigureAwait(false);
        await BeginAsync().ConfigureAwait(false);
    }

    /// <summary>As <see cref="BeginAsync()"/>, but that calls have until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken ungraceful)
    {
        // On the thread pool: what ends the calls shall not run on the stack of whoever cancels.
        using CancellationTokenRegistration registration = ungraceful.UnsafeRegister(static source => _ = ((CancellationTokenSource)source!).CancelAsync(), killNow);
        await BeginAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
    }

    /// <summary>Begins, if it has not begun; completes when no worker is left.</summary>
    public Task BeginAsync() => BeginAsync(scheduler.Options.DrainTimeout);

    private Task BeginAsync(TimeSpan drainTimeout)
    {
        lock (scheduler.Gate)
        {
            if (ending is null)
            {
                phase = Phase.Draining;
                scheduler.Room.Refuse(Refusal());
                SignalIfDrained();
                ending = EndAsync(drainTimeout);
            }
            return ending;
        }
    }

    /// <summary>A call less.</summary>
    public void SignalIfDrained()
    {
        if (phase != Phase.Running && scheduler.Ledger.Live == 0)
            drained.TrySetResult();
    }

    private async Task EndAsync(TimeSpan drainTimeout)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // the caller holds the lock
        try
        {
            await drained.Task.WaitAsync(drainTimeout, scheduler.Clock, killNow.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What has not ended by now is ended below.
        }
        List<PoolWorker> inOrder = EndCalls();
        scheduler.Supervisor.RefuseStart(new ObjectDisposedException(scheduler.Options.Name));
        await scheduler.Supervisor.EndAllAsync(inOrder).ConfigureAwait(false);
        scheduler.Kind.OnEnded();
        await scheduler.Telemetry.EndAsync(FlushBound).ConfigureAwait(false);
        Watching.Watch.Remove(scheduler);
        await scheduler.Log.FlushAsync(FlushBound).ConfigureAwait(false);
    }

    /// <summary>Returns the workers that run nothing.</summary>
    private List<PoolWorker> EndCalls()
    {
        using var transition = new Transition(scheduler);
        phase = Phase.Over;
        scheduler.Dispatcher.EndWaiting(() => new ObjectDisposedException(scheduler.Options.Name, NotBegun));
        foreach (Slot slot in scheduler.Slots.ToArray())
        {
            if (slot.Quick.Count > 0)
                EndQuick(slot);
            while ((slot.Current ?? slot.Interleaved.FirstOrDefault()) is { } call)
                KillWith(slot, call);
        }
        scheduler.StopTimers();
        SlotTable slots = scheduler.Slots;
        Spares spares = scheduler.Spares;
        foreach (Slot slot in slots.Concat(spares).Where(static s => s is { Ready: true, Worker.ProcessId: not null }))
            PoolEvents.WorkerDisposed(scheduler.Log, slot.Name, slot.Worker!.ProcessId);
        return [.. slots.Where(static s => s.IsIdle).Concat(spares.Where(static s => s.Ready)).Select(static s => s.Worker!)];
    }

    private void KillWith(Slot slot, Call call)
    {
        foreach (Call other in slot.Interleaved.Where(c => c != call).ToArray())
        {
            slot.Drop(other);
            scheduler.Ledger.End(other, WhileRunning());
        }
        scheduler.Killing.Kill(slot, call, WhileRunning());
    }

    private void EndQuick(Slot slot)
    {
        PoolWorker worker = slot.Worker!;
        if (slot.Quick.First is { } first)
            scheduler.Records.Kill(slot, worker, first, WhileRunning());
        scheduler.Then(new(EffectKind.Kill, worker));
        foreach (Call call in slot.Quick.ToArray())
        {
            slot.Quick.Remove(call);
            scheduler.Ledger.End(call, WhileRunning());
        }
        scheduler.Supervisor.Replace(slot, null);
    }

    private Outcome WhileRunning() => Outcome.Failed(new ObjectDisposedException(scheduler.Options.Name, DisposedWhileRunning));
}
