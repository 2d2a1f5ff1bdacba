namespace Kernmantle.Scheduling;

/// <summary>Who waits until a call would find room at once, without making one.</summary>
internal sealed class Room(Scheduler scheduler)
{
    /// <summary>Completes when there is room again; null while nobody waits for that.</summary>
    private TaskCompletionSource? room;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        lock (scheduler.Gate)
        {
            if (scheduler.Shutdown.HasBegun)
                return Task.FromException(scheduler.Shutdown.Refusal());
            if (scheduler.Breaker.IsOpen)
                return Task.FromException(scheduler.Breaker.Failure());
            if (IsThere())
                return Task.CompletedTask;
            return (room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>For one call more, before which nobody waits: in the queue, or at an idle worker that no other call has a right to.</summary>
    private bool IsThere()
    {
        if (scheduler.Admission.AnyWaits)
            return false;
        int over = scheduler.Dispatcher.Queued - scheduler.Options.QueueCapacity;
        return over < 0 || scheduler.Kind.CallerIsWorker || over < scheduler.Slots.CountIdle();
    }

    /// <summary>Outside of the lock, after what may have made room.</summary>
    public void Look()
    {
        if (Volatile.Read(ref room) is null)
            return;
        lock (scheduler.Gate)
        {
            if (room is null || !IsThere())
                return;
            room.SetResult();
            room = null;
        }
    }

    /// <summary>There will be none.</summary>
    public void Refuse(Exception why)
    {
        if (room is null)
            return;
        room.SetException(why);
        _ = room.Task.Exception;   // whoever waited may have gone
        room = null;
    }
}
