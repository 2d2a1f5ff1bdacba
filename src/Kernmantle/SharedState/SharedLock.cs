using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>How an attempt to take a shared lock ended.</summary>
public enum LockTaken
{
    /// <summary>It was not free in time.</summary>
    No,

    /// <summary>The caller has it.</summary>
    Yes,

    /// <summary>
    /// The caller has it, and an owner before died while it had it: what it protects may be half changed. Mend that and say <see cref="SharedLock.MarkConsistent"/>; the flag stays until somebody does.
    /// </summary>
    Abandoned,
}

/// <summary>
/// A mutual exclusion between threads of any processes that were handed it. If its owner dies, the next one is told. As with <see cref="Monitor"/>, the thread that took it gives it back: do not
/// hold it over an <c>await</c>.
/// </summary>
/// <remarks>A free one costs about as much as <c>lock</c>. No order is promised among those that wait. Source of the protocol: a word of the owner's name, taken by compare-and-swap, with an eventcount
/// to sleep on; robust as POSIX's <c>PTHREAD_MUTEX_ROBUST</c>.</remarks>
public sealed class SharedLock : SharedObject, ISharedObject<SharedLock>
{
    private const int Reentrant = 1;

    /// <summary>Makes a free lock.</summary>
    /// <param name="name">What it is called where a deadlock is told of.</param>
    /// <param name="isReentrant">Its owner may take it again; it is free when it was given back as often.</param>
    /// <param name="breaksDeadlocks">Where threads wait for each other in a circle, one that waits for this lock gets a <see cref="DeadlockException"/>. Otherwise they are told of, and wait.</param>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedLock(string? name = null, bool isReentrant = false, bool breaksDeadlocks = false)
        : this(StateMemory.Create(new StatePage(StateKind.Lock, isReentrant ? Reentrant : 0, name) { BreaksDeadlocks = breaksDeadlocks }))
    {
    }

    private SharedLock(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedLock>.Kind => StateKind.Lock;

    /// <summary>The calling thread has it.</summary>
    public bool IsHeldByCurrentThread => Volatile.Read(ref Memory.Words.Owner) == Memory.Me;

    /// <summary>False: an owner died while it had the lock, and nobody has called <see cref="MarkConsistent"/> since.</summary>
    public bool IsConsistent => Volatile.Read(ref Memory.Words.Inconsistent) == 0;

    /// <summary>
    /// The circles in which threads wait just now for each other's shared locks, of those that this process made; each described. The same stands in the log of the pools whose workers have the locks (event 1105),
    /// within a second.
    /// </summary>
    public static IReadOnlyList<string> FindDeadlocks() => DeadlockWatch.Find();

    /// <summary>Waits for the lock and takes it: <c>using (theLock.Enter()) { … }</c>.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AbandonedLockException">An owner before died while it had it. The caller has not got it.</exception>
    /// <exception cref="LockRecursionException">The thread has it already, and it is not re-entrant.</exception>
    /// <exception cref="DeadlockException">The caller and others wait for each other, and it was chosen to give up.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Hold Enter(CancellationToken cancellationToken = default)
    {
        if (TryEnter(Timeout.InfiniteTimeSpan, cancellationToken) == LockTaken.Yes)
            return new(this);
        Exit();
        throw new AbandonedLockException();
    }

    /// <summary>Takes the lock if it is free within that time.</summary>
    /// <param name="timeout">How long to wait: zero for not at all, <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="LockRecursionException">The thread has it already, and it is not re-entrant.</exception>
    /// <exception cref="DeadlockException">The caller and others wait for each other, and it was chosen to give up.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public LockTaken TryEnter(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        StateWait.Check(timeout);
        long me = Memory.Me;
        if (Volatile.Read(ref Memory.Words.Owner) == me)
            return EnterAgain();
        var look = new OwnerLook(me);
        return Answer(StateWait.For(Memory, ref look, timeout, cancellationToken));
    }

    /// <summary>The same for who acts for another (<see cref="StateMemory.ActFor"/>): it is not the calling thread that has the lock then, so that none needs to wait.</summary>
    internal async Task<LockTaken> TryEnterAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        long me = Memory.Me;
        if (Volatile.Read(ref Memory.Words.Owner) == me)
            return EnterAgain();
        return Answer(await StateWaits.ForAsync(Memory, new OwnerLook(me), timeout, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Gives the lock back.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread has not got it.</exception>
    public void Exit()
    {
        ThrowIfNotHeld();
        ref StateWords words = ref Memory.Words;
        if (words.Depth > 0)
            SharedStores.Write(ref words.Depth, words.Depth - 1);
        else
            Free(ref words);
        GC.KeepAlive(Memory);
    }

    /// <summary>Says that what the lock protects is in order again.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread has not got the lock.</exception>
    public void MarkConsistent()
    {
        ThrowIfNotHeld();
        SharedStores.Write(ref Memory.Words.Inconsistent, 0);
        GC.KeepAlive(Memory);
    }

    static SharedLock ISharedObject<SharedLock>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedLock>.Allows(long parameter, long bytes) => parameter is 0 or Reentrant;

    /// <summary>For who waits for something else meanwhile: gives it back, however often it was taken; returns how often.</summary>
    internal int ExitWholly()
    {
        ThrowIfNotHeld();
        ref StateWords words = ref Memory.Words;
        int depth = words.Depth;
        SharedStores.Write(ref words.Depth, 0);
        Free(ref words);
        return depth;
    }

    /// <summary>The opposite; says whether an owner died meanwhile.</summary>
    /// <param name="depth">How often it was taken.</param>
    internal LockTaken EnterWholly(int depth)
    {
        LockTaken taken = TryEnter(Timeout.InfiniteTimeSpan);
        SharedStores.Write(ref Memory.Words.Depth, depth);
        return taken;
    }

    /// <summary>The same for who acts for another.</summary>
    /// <param name="depth">How often it was taken.</param>
    /// <param name="gone">That other is no more.</param>
    internal async Task<LockTaken> EnterWhollyAsync(int depth, CancellationToken gone)
    {
        LockTaken taken = await TryEnterAsync(Timeout.InfiniteTimeSpan, gone).ConfigureAwait(false);
        SharedStores.Write(ref Memory.Words.Depth, depth);
        return taken;
    }

    private LockTaken Answer(bool isTaken) => !isTaken ? LockTaken.No : IsConsistent ? LockTaken.Yes : LockTaken.Abandoned;

    private void Free(ref StateWords words)
    {
        SharedStores.Exchange(ref words.Owner, 0);
        Memory.Ring(1);
    }

    private LockTaken EnterAgain()
    {
        StateWait.ThrowIfEnded(Memory);
        if (Memory.Parameter != Reentrant)
            throw new LockRecursionException("The thread has this lock already. Make it with isReentrant: true, or do not take it twice.");
        SharedStores.Write(ref Memory.Words.Depth, Memory.Words.Depth + 1);
        return Answer(isTaken: true);
    }

    private void ThrowIfNotHeld()
    {
        if (!IsHeldByCurrentThread)
            throw new SynchronizationLockException("The calling thread has not got this shared lock: only who took it may give it back, on the same thread.");
    }

    /// <summary>The lock as it was taken: disposing of it gives it back.</summary>
    public readonly ref struct Hold : IDisposable
    {
        private readonly SharedLock? held;

        internal Hold(SharedLock held) => this.held = held;

        /// <summary>Gives the lock back.</summary>
        /// <exception cref="SynchronizationLockException">It was given back before.</exception>
        public void Dispose() => held?.Exit();
    }
}
