using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// Where threads wait for others to get somewhere. If a worker that was handed it ends otherwise than in order, it may be one that is waited for: then all get a <see cref="ParticipantLostException"/>,
/// now and later. A worker that has done its part calls <see cref="SharedObject.Dispose()"/> on its object, and its death is no loss any more.
/// </summary>
public abstract class MeetingObject : SharedObject
{
    private protected MeetingObject(StateMemory memory)
        : base(memory)
    {
    }

    /// <summary>The id of the worker that was lost (<see cref="WorkerContext.Id"/>); null if none was.</summary>
    public int? LostWorkerId => Volatile.Read(ref Memory.Words.Lost) is not 0 and int worker ? worker : null;

    private protected override unsafe void Dispose(bool disposing)
    {
        if (!Memory.IsMaker)
            new Leavers(Memory.Start).Add(Memory.Party);
        base.Dispose(disposing);
    }

    /// <exception cref="ParticipantLostException">A worker was lost.</exception>
    private protected static void ThrowIfLost(StateMemory memory)
    {
        if (Volatile.Read(ref memory.Words.Lost) is not 0 and int worker)
            throw new ParticipantLostException(worker);
    }
}
