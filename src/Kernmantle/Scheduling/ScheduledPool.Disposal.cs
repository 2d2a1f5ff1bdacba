using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>The end of the pool: drain, then kill, then wait until nothing is left.</summary>
internal abstract partial class ScheduledPool
{
    /// <summary>How long an idle worker may take to dispose of its objects and exit.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long the user's log may take for the pool's last records.</summary>
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
        Disposed,
    }

    public sealed override ValueTask DisposeAsync() => new(BeginEnd());

    public sealed override async Task KillAsync()
    {
        await killNow.CancelAsync().ConfigureAwait(false);
        await BeginEnd().ConfigureAwait(false);
    }

    private Task BeginEnd()
    {
        lock (gate)
        {
            if (ending is null)
            {
                phase = Phase.Draining;
                RefuseRoom(new ObjectDisposedException(Options.Name, "The pool has been disposed of."));
                SignalIfDrained();
                ending = EndAsync();
            }
            return ending;
        }
    }

    private void SignalIfDrained()
    {
        if (phase != Phase.Running && live == 0)
            drained.TrySetResult();
    }

    private async Task EndAsync()
    {
        await Task.Yield();   // the caller holds the lock
        try
        {
            await drained.Task.WaitAsync(Options.DrainTimeout, Clock, killNow.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // What has not ended by now is ended below.
        }
        Action? after;
        List<PoolWorker> inOrder;
        lock (gate)
        {
            phase = Phase.Disposed;
            after = EndEveryCall();
            ageTimer?.Dispose();
            healing?.Dispose();
            deadlines?.Dispose();
            demand?.Dispose();
            idleness?.Dispose();
            foreach (Slot slot in slots.Concat(spares).Where(static s => s is { Ready: true, Worker.ProcessId: not null }))
                PoolEvents.WorkerDisposed(Log, slot.Name, slot.Worker!.ProcessId);
            inOrder = [.. slots.Where(static s => s.IsIdle).Concat(spares.Where(static s => s.Ready)).Select(static s => s.Worker!)];
        }
        Carry(after);
        started.TrySetException(new ObjectDisposedException(Options.Name));
        _ = started.Task.Exception;
        await Task.WhenAll(inOrder.Select(static w => w.StopAsync(StopGrace))).ConfigureAwait(false);
        await lifetime.CancelAsync().ConfigureAwait(false);
        List<PoolWorker> rest;
        Task[] pending;
        lock (gate)
        {
            rest = [.. slots.Concat(spares).Where(static s => s.Worker is not null).Select(static s => s.Worker!)];
            pending = [.. endings];
        }
        await Task.WhenAll(rest.Select(static w => w.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(pending).ConfigureAwait(false);
        OnEnded();
        await Log.FlushAsync(FlushBound).ConfigureAwait(false);
    }

    /// <summary>No worker is left.</summary>
    private protected virtual void OnEnded()
    {
    }

    private Action? EndEveryCall()
    {
        Action? after = null;
        foreach (Slot slot in slots)
        {
            foreach (Call call in slot.Queue.ToArray())
                after += EndQueued(call);
            if (slot.Quick.Count > 0)
                after += EndQuick(slot);
            while ((slot.Current ?? slot.Interleaved.FirstOrDefault()) is { } call)
                after += KillWith(slot, call);
        }
        foreach (Call call in queue.ToArray())
            after += EndQueued(call);
        foreach (Call call in retrying.ToArray())
            after += EndQueued(call);
        while (waiting.First is { } waiter)
            after += EndWaiter(waiter, Outcome.Failed(new ObjectDisposedException(Options.Name, NotBegun)));
        return after;
    }

    private Action? KillWith(Slot slot, Call call)
    {
        Action? after = null;
        foreach (Call other in slot.Interleaved.Where(c => c != call).ToArray())
        {
            slot.Drop(other);
            after += End(other, Outcome.Failed(new ObjectDisposedException(Options.Name, DisposedWhileRunning)));
        }
        return after + KillCurrent(slot, call, Outcome.Failed(new ObjectDisposedException(Options.Name, DisposedWhileRunning)));
    }

    private Action? EndQuick(Slot slot)
    {
        if (slot.Quick.First is { } first)
            RecordKill(slot, slot.Worker!, first, Outcome.Failed(new ObjectDisposedException(Options.Name)));
        Action? after = slot.Worker!.Kill;
        foreach (Call call in slot.Quick.ToArray())
        {
            slot.Quick.Remove(call);
            after += End(call, Outcome.Failed(new ObjectDisposedException(Options.Name, DisposedWhileRunning)));
        }
        return after + Replace(slot, null);
    }

    private Action? EndQueued(Call call)
    {
        Dequeue(call);
        return End(call, Outcome.Failed(new ObjectDisposedException(Options.Name, NotBegun)));
    }
}
