namespace Kernmantle.Scheduling;

/// <summary>
/// Calls that are made only if there is room for them at once. Such a call has its place in the queue before it is encoded, so that nothing is encoded in vain and the place is not
/// lost meanwhile: a place that is taken and has no call yet is counted in <see cref="held"/>.
/// </summary>
internal abstract partial class ScheduledPool
{
    private int held;

    /// <summary>Completes when there is room again; null while nobody waits for that.</summary>
    private TaskCompletionSource? room;

    internal sealed override bool TryHoldPlace(bool runsAnywhere)
    {
        lock (gate)
        {
            if (!HasRoomAtOnce(runsAnywhere))
                return false;
            held++;
            return true;
        }
    }

    internal sealed override void GiveUpPlace()
    {
        lock (gate)
            held--;
        Carry(null);
    }

    public sealed override Task WaitForRoomAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        lock (gate)
        {
            if (phase != Phase.Running)
                return Task.FromException(new ObjectDisposedException(Options.Name, "The pool has been disposed of."));
            if (broken is not null)
                return Task.FromException(Broken());
            if (HasRoomAtOnce(runsAnywhere: true))
                return Task.CompletedTask;
            return (room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>For one call more, before which nobody waits: in the queue, or at an idle worker that no other call has a right to.</summary>
    private bool HasRoomAtOnce(bool runsAnywhere)
    {
        if (unadmitted > 0)
            return false;
        int over = queued + held - Options.QueueCapacity;
        return over < 0 || (runsAnywhere && (Grows || over < IdleSlots()));
    }

    private int IdleSlots()
    {
        int count = 0;
        foreach (Slot slot in slots)
            count += slot.IsIdle ? 1 : 0;
        return count;
    }

    /// <summary>Outside of the lock, after what may have made room.</summary>
    private void SignalRoom()
    {
        if (Volatile.Read(ref room) is null)
            return;
        lock (gate)
        {
            if (room is null || !HasRoomAtOnce(runsAnywhere: true))
                return;
            room.SetResult();
            room = null;
        }
    }

    /// <summary>There will be none.</summary>
    private void RefuseRoom(Exception why)
    {
        if (room is null)
            return;
        room.SetException(why);
        _ = room.Task.Exception;   // whoever waited may have gone
        room = null;
    }
}
