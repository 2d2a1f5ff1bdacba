using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// So many permits, for threads of any processes that were handed it. Those that a worker has when it dies come back. Who gives one back need not be who took it.
/// </summary>
public sealed class SharedSemaphore : SharedObject, ISharedObject<SharedSemaphore>
{
    /// <summary>The most permits that one can have.</summary>
    public const int MostPermits = Permits.Most;

    /// <summary>Makes a semaphore.</summary>
    /// <param name="initialCount">How many permits are there at once.</param>
    /// <param name="maxCount">How many there can be, up to <see cref="MostPermits"/>; as many as at first, if nothing is said.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, none at all, or more than there can be.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedSemaphore(int initialCount, int? maxCount = null)
        : this(StateMemory.Create(StateKind.Semaphore, Checked(initialCount, maxCount ?? initialCount)))
    {
        All.Withhold((int)Memory.Parameter - initialCount);
    }

    private SharedSemaphore(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedSemaphore>.Kind => StateKind.Semaphore;

    /// <summary>How many permits are there just now.</summary>
    public int CurrentCount => All.CountFree();

    private unsafe Permits All => new(Memory.Start, (int)Memory.Parameter);

    /// <summary>Takes a permit, if there is one within that time.</summary>
    /// <param name="timeout">How long to wait: zero for not at all, null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if there was none in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public bool Wait(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan bound = StateWait.Check(timeout);
        var look = new PermitLook();
        return StateWait.For(Memory, ref look, bound, cancellationToken);
    }

    /// <summary>Takes a permit, if there is one within that time, and blocks no thread meanwhile.</summary>
    /// <remarks>It does not look awake first. A thread of this process sleeps for all that wait so.</remarks>
    /// <param name="timeout">How long to wait: zero for not at all, null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if there was none in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<bool> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        StateWaits.ForAsync(Memory, default(PermitLook), StateWait.Check(timeout), cancellationToken);

    /// <summary>Gives permits back, or adds such as were not there at first.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    /// <exception cref="SemaphoreFullException">There would be more than it can have; none was given.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void Release(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        StateWait.ThrowIfEnded(Memory);
        Permits all = All;
        if (count > Memory.Parameter - all.CountFree())
            throw Full();
        int given = 0;
        while (given < count && all.TryGive(Memory.Party))
            given++;
        if (given > 0)
            Memory.Ring(given);
        if (given < count)
            throw Full();   // others gave back as many meanwhile
        GC.KeepAlive(Memory);
    }

    static SharedSemaphore ISharedObject<SharedSemaphore>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedSemaphore>.Allows(long parameter, long bytes) => parameter is > 0 and <= MostPermits;

    private static int Checked(int initialCount, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, Math.Max(1, initialCount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCount, MostPermits);
        return maxCount;
    }

    private static SemaphoreFullException Full() => new("So many permits are more than this semaphore can have: each is given back once.");

    private readonly struct PermitLook : ILook
    {
        public unsafe bool TryTake(StateMemory memory) => new Permits(memory.Start, (int)memory.Parameter).TryTake(memory.Party);
    }
}
