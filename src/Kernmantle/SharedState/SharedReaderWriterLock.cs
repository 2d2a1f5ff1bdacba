using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// A lock for one writer or up to 64 readers, threads of any processes that were handed it. A writer that waits keeps further readers out. If a writer dies, the next ones are told; readers that die have
/// never been. It is given back by the thread that took it, and is not re-entrant.
/// </summary>
public sealed class SharedReaderWriterLock : SharedObject, ISharedObject<SharedReaderWriterLock>
{
    /// <summary>Makes a free lock.</summary>
    /// <param name="name">What it is called where a deadlock is told of.</param>
    /// <param name="breaksDeadlocks">Where threads wait for each other in a circle, one that waits for this lock gets a <see cref="DeadlockException"/>. Otherwise they are told of, and wait.</param>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedReaderWriterLock(string? name = null, bool breaksDeadlocks = false)
        : this(StateMemory.Create(new StatePage(StateKind.ReaderWriterLock, 0, name) { BreaksDeadlocks = breaksDeadlocks }))
    {
    }

    private SharedReaderWriterLock(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedReaderWriterLock>.Kind => StateKind.ReaderWriterLock;

    /// <summary>False: a writer died while it had the lock, and nobody has called <see cref="MarkConsistent"/> since.</summary>
    public bool IsConsistent => Volatile.Read(ref Memory.Words.Inconsistent) == 0;

    /// <summary>Waits until there is no writer, and reads: <c>using (theLock.EnterRead()) { … }</c>.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AbandonedLockException">A writer died while it had it. The caller has not got it.</exception>
    /// <exception cref="LockRecursionException">The thread has it already.</exception>
    /// <exception cref="DeadlockException">The caller and others wait for each other, and it was chosen to give up.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Hold EnterRead(CancellationToken cancellationToken = default)
    {
        if (TryEnterRead(Timeout.InfiniteTimeSpan, cancellationToken) != LockTaken.Abandoned)
            return new(this, isWriter: false);
        ExitRead();
        throw new AbandonedLockException();
    }

    /// <summary>Waits until it is alone, and writes: <c>using (theLock.EnterWrite()) { … }</c>.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AbandonedLockException">A writer before died while it had it. The caller has not got it.</exception>
    /// <exception cref="LockRecursionException">The thread has it already.</exception>
    /// <exception cref="DeadlockException">The caller and others wait for each other, and it was chosen to give up.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Hold EnterWrite(CancellationToken cancellationToken = default)
    {
        if (TryEnterWrite(Timeout.InfiniteTimeSpan, cancellationToken) != LockTaken.Abandoned)
            return new(this, isWriter: true);
        ExitWrite();
        throw new AbandonedLockException();
    }

    /// <summary>Reads if there is no writer within that time.</summary>
    /// <param name="timeout">How long to wait: zero for not at all, <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="LockRecursionException">The thread has it already.</exception>
    /// <exception cref="DeadlockException">The caller and others wait for each other, and it was chosen to give up.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public LockTaken TryEnterRead(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        StateWait.Check(timeout);
        ThrowIfHeld();
        var look = new ReaderLook(Memory.Me);
        return Answer(StateWait.For(Memory, ref look, timeout, cancellationToken));
    }

    /// <summary>Writes if it is alone within that time.</summary>
    /// <param name="timeout">How long to wait: zero for not at all, <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="LockRecursionException">The thread has it already.</exception>
    /// <exception cref="DeadlockException">The caller and others wait for each other, and it was chosen to give up.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public LockTaken TryEnterWrite(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        StateWait.Check(timeout);
        ThrowIfHeld();
        var look = new WriterLook(Memory.Me);
        bool isTaken = false;
        try
        {
            isTaken = StateWait.For(Memory, ref look, timeout, cancellationToken);
        }
        finally
        {
            if (!isTaken && IsOwner)
                Disown();   // it waited for readers to leave
        }
        return Answer(isTaken);
    }

    /// <summary>The same for who acts for another (<see cref="StateMemory.ActFor"/>): it is not the calling thread that reads then, so that none needs to wait.</summary>
    internal async Task<LockTaken> TryEnterReadAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        ThrowIfHeld();
        return Answer(await StateWaits.ForAsync(Memory, new ReaderLook(Memory.Me), timeout, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc cref="TryEnterReadAsync"/>
    internal async Task<LockTaken> TryEnterWriteAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        ThrowIfHeld();
        bool isTaken = false;
        try
        {
            isTaken = await StateWaits.ForAsync(Memory, new WriterLook(Memory.Me), timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isTaken && IsOwner)
                Disown();   // it waited for readers to leave
        }
        return Answer(isTaken);
    }

    /// <summary>Ends a reading.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not read.</exception>
    public void ExitRead()
    {
        SeatTable readers = Memory.Readers;
        int seat = readers.Find(Memory.Me);
        if (seat < 0)
            throw NotHeld();
        readers.Unmark(seat);
        readers.Leave(seat);
        Memory.Ring(int.MaxValue);
        GC.KeepAlive(Memory);
    }

    /// <summary>Ends a writing.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not write.</exception>
    public void ExitWrite()
    {
        if (!IsOwner)
            throw NotHeld();
        SharedStores.Write(ref Memory.Words.Writing, 0);
        Disown();
        GC.KeepAlive(Memory);
    }

    /// <summary>Says that what the lock protects is in order again.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not write.</exception>
    public void MarkConsistent()
    {
        if (!IsOwner)
            throw NotHeld();
        SharedStores.Write(ref Memory.Words.Inconsistent, 0);
        GC.KeepAlive(Memory);
    }

    static SharedReaderWriterLock ISharedObject<SharedReaderWriterLock>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedReaderWriterLock>.Allows(long parameter, long bytes) => parameter == 0;

    private bool IsOwner => Volatile.Read(ref Memory.Words.Owner) == Memory.Me;

    private LockTaken Answer(bool isTaken) => !isTaken ? LockTaken.No : IsConsistent ? LockTaken.Yes : LockTaken.Abandoned;

    private void Disown()
    {
        SharedStores.Exchange(ref Memory.Words.Owner, 0);
        Memory.Ring(int.MaxValue);
    }

    private void ThrowIfHeld()
    {
        if (IsOwner || Memory.Readers.Find(Memory.Me) >= 0)
            throw new LockRecursionException("The thread has this lock already, to read or to write: it is not re-entrant.");
    }

    private static SynchronizationLockException NotHeld() =>
        new("The calling thread has not got this lock in that way: only who took it may give it back, on the same thread.");

    /// <summary>The lock as it was taken: disposing of it gives it back.</summary>
    public readonly ref struct Hold : IDisposable
    {
        private readonly SharedReaderWriterLock? held;
        private readonly bool isWriter;

        internal Hold(SharedReaderWriterLock held, bool isWriter) => (this.held, this.isWriter) = (held, isWriter);

        /// <summary>Gives the lock back.</summary>
        /// <exception cref="SynchronizationLockException">It was given back before.</exception>
        public void Dispose()
        {
            if (isWriter)
                held?.ExitWrite();
            else
                held?.ExitRead();
        }
    }

    /// <summary>Says that it reads, then looks whether there is a writer; a writer says that there is one, then looks whether somebody reads.</summary>
    private readonly struct ReaderLook(long me) : ILook
    {
        public bool TryTake(StateMemory memory)
        {
            if (Volatile.Read(ref memory.Words.Owner) != 0)
                return false;
            SeatTable readers = memory.Readers;
            int seat = readers.TryTake(me);
            if (seat < 0)
                return false;
            readers.Mark(seat);
            if (Volatile.Read(ref memory.Words.Owner) == 0)
                return true;
            readers.Unmark(seat);
            readers.Leave(seat);
            memory.Ring(int.MaxValue);
            return false;
        }
    }

    private readonly struct WriterLook(long me) : ILook
    {
        public bool TryTake(StateMemory memory)
        {
            ref StateWords words = ref memory.Words;
            long owner = Volatile.Read(ref words.Owner);
            if (owner != me && (owner != 0 || SharedStores.CompareExchange(ref words.Owner, me, 0) != 0))
                return false;
            if (Volatile.Read(ref words.Readers) != 0)
                return false;
            SharedStores.Write(ref words.Writing, 1);
            return true;
        }
    }
}
