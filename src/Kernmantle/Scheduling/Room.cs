namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that are made only if there is room for them at once. Such a call has its place in the queue before it is encoded, so that nothing is encoded in vain and the place is not
/// lost meanwhile: a place that is taken and has no call yet is <see cref="Held"/>.
/// </summary>
internal sealed class Room(Scheduler scheduler)
{
    /// <summary>Completes when there is room again; null while nobody waits for that.</summary>
    private TaskCompletionSource? room;

    /// <summary>Places that are taken by calls which are being made.</summary>
    public int Held { get; private set; }

    /// <summary>Takes a place in the queue for a call to be made, which then says so (<see cref="Calls.Call.HoldsPlace"/>). False: there is no room, or others wait for it.</summary>
    public bool TryHold(bool runsAnywhere)
    {
        lock (scheduler.Gate)
        {
            if (!IsThere(runsAnywhere))
                return false;
            Held++;
            return true;
        }
    }

    /// <summary>There will be no call in the place.</summary>
    public void GiveUp()
    {
        using var transition = new Transition(scheduler);
        Held--;
    }

    /// <summary>The call is there.</summary>
    public void OnSubmitted() => Held--;

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
            if (IsThere(runsAnywhere: true))
                return Task.CompletedTask;
            return (room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>For one call more, before which nobody waits: in the queue, or at an idle worker that no other call has a right to.</summary>
    private bool IsThere(bool runsAnywhere)
    {
        if (scheduler.Admission.AnyWaits)
            return false;
        int over = scheduler.Dispatcher.Queued + Held - scheduler.Options.QueueCapacity;
        return over < 0 || (runsAnywhere && (scheduler.Kind.CallerIsWorker || over < scheduler.Slots.CountIdle()));
    }

    /// <summary>Outside of the lock, after what may have made room.</summary>
    public void Look()
    {
        if (Volatile.Read(ref room) is null)
            return;
        lock (scheduler.Gate)
        {
            if (room is null || !IsThere(runsAnywhere: true))
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
