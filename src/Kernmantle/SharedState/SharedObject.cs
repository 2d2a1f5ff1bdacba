using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// What threads and processes share: a value, an array, or something to synchronise by. It is made here and handed over as an argument of a call, or captured; the worker keeps it for as long
/// as it likes, beyond the call. It may be an item of a <see cref="WorkerChannel{T}"/>, or stand in one. Between the threads of one process it works too.
/// </summary>
/// <remarks>
/// It has no name in any file system, and its memory is mapped by those that were handed it and nobody else. If a worker dies, this process sees it and clears up behind it: nobody waits for the dead.
/// Who writes to its memory by other means, as hostile code in a worker can, can spoil the object for all who share it, and nothing else. It crosses to worker processes over shared memory
/// (<see cref="WorkerTransport.SharedMemory"/>), and to workers of the process that made it only. Members are thread-safe.
/// </remarks>
public abstract class SharedObject : IDisposable
{
    private protected SharedObject(StateMemory memory) => Memory = memory;

    internal StateMemory Memory { get; }

    /// <summary>
    /// Where it was made: ends it for all; who uses it then, or waits, gets an <see cref="ObjectDisposedException"/>. In a worker: says that this worker takes no further part
    /// (<see cref="SharedBarrier"/>, <see cref="SharedCountdown"/>).
    /// </summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual void Dispose(bool disposing)
    {
        if (Memory.IsMaker)
            Memory.End();
        GC.KeepAlive(Memory);
    }
}
