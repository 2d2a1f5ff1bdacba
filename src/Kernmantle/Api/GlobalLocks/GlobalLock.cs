using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kernmantle.Api.GlobalLocks;

namespace Kernmantle;

/// <summary>
/// A lock with the protocol of CPython's global interpreter lock: one holder, which gives it up when it ends, around blocking
/// work (<see cref="AllowThreads"/>), and at a <see cref="Checkpoint"/> when a thread that has waited for the
/// <see cref="SwitchInterval"/> asked for it. For libraries that are not thread-safe, and to see what such a lock costs.
/// </summary>
/// <remarks>
/// <para>Source: <c>Python/ceval_gil.c</c> of CPython, with <c>FORCE_SWITCHING</c>; docs/global-lock.md compares the two.</para>
/// <para>
/// Thread-affine and reentrant: the scopes belong to the thread that made them, and cannot be kept across an <c>await</c>: they are
/// ref structs. All members may be used from any thread; wrong use is a <see cref="SynchronizationLockException"/> with the remedy.
/// </para>
/// </remarks>
// One class, since the protocol is one: who takes the lock, who gives it up and who waits for it share one word and its proof.
[SuppressMessage("Design", "CA1001", Justification = "A trace belongs to who started it.")]
public sealed partial class GlobalLock
{
    /// <summary>Of the holds that nobody competed for, one of so many is timed: looking at the clock costs more than the lock.</summary>
    private const int TimedEvery = 64;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMicroseconds(1), LongestInterval = TimeSpan.FromHours(1);

    // The lock word: the owner's managed thread id, shifted; 0 for free. The two bits below are set and cleared under the mutex only.
    private const int Contended = 1, Requested = 2, OwnerShift = 2, OwnerBits = ~3;

    private volatile int word;

    // These belong to the holder: written by it alone, published by the release of the word.
    private Thread? holder;   // the last one, if the lock is free
    private long top;         // the serial number of the innermost scope; 0 while the lock is not held
    private long serial;
    private long acquiredAt;  // 0: this hold is not timed

    private readonly GlobalLockCounters counters = new();
    private TimeSpan switchInterval;
    private volatile GlobalLockTrace? trace;

    /// <summary>Makes a lock.</summary>
    /// <param name="switchInterval">See <see cref="SwitchInterval"/>; 5 ms by default, as in CPython.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is out of its range.</exception>
    public GlobalLock(TimeSpan? switchInterval = null) => SwitchInterval = switchInterval ?? TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How long a thread waits, without any change of the holder, before it asks the holder to give the lock up; from 1 µs to 1 h.
    /// It waits in whole milliseconds, rounded up. A change counts from a waiter's next wait.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public TimeSpan SwitchInterval
    {
        get => switchInterval;
        set
        {
            if (value < ShortestInterval || value > LongestInterval)
                throw new ArgumentOutOfRangeException(nameof(value), value, $"A switch interval is from {ShortestInterval} to {LongestInterval}.");
            switchInterval = value;
            switchMilliseconds = (int)Math.Ceiling(value.TotalMilliseconds);
        }
    }

    /// <summary>Whether the calling thread holds the lock.</summary>
    public bool IsHeldByCurrentThread => Holds(Thread.CurrentThread);

    /// <summary>The thread that holds it at this moment; null if none does.</summary>
    public Thread? Owner
    {
        get
        {
            int id = word >> OwnerShift;
            return Volatile.Read(ref holder) is { } thread && thread.ManagedThreadId == id ? thread : null;
        }
    }

    /// <summary>Whether somebody asked the holder to give it up.</summary>
    public bool IsRequested => (word & Requested) != 0;

    /// <summary>Figures of this moment.</summary>
    public GlobalLockStatistics Statistics
    {
        get
        {
            lock (mutex)
                return counters.Snapshot(Volatile.Read(ref switches), waiters);
        }
    }

    /// <summary>
    /// Takes the lock, waiting for it if need be, until the scope is disposed of. A thread that holds it already takes it once
    /// more, as <c>PyGILState_Ensure</c> does: it is given up with the outermost scope.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. Once the lock is held it has no effect.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the lock was taken.</exception>
    /// <exception cref="SynchronizationLockException">The thread that holds the lock has ended without releasing it.</exception>
    public Scope Acquire(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Thread me = Thread.CurrentThread;
        long below = 0;
        if (Interlocked.CompareExchange(ref word, me.ManagedThreadId << OwnerShift, 0) == 0)
            Took(me);
        else if (Holds(me))
            below = top;
        else
            Take(me, cancellationToken);
        return new(this, top = ++serial, below);
    }

    /// <summary>
    /// Where the holder can bear that another thread runs: gives the lock up if a waiter asked for it, and takes it back after
    /// another thread had it. Costs one volatile read if nobody asked.
    /// </summary>
    /// <returns>Whether the lock was given up meanwhile: what it protects may have changed.</returns>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold the lock.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Checkpoint() =>
        (word & ~Contended) != Environment.CurrentManagedThreadId << OwnerShift && GiveUpOnRequest();

    /// <summary>Records who holds it from when to when, until the trace is disposed of. One at a time. Holds that began before are left out.</summary>
    /// <param name="capacity">How many holds are kept at most; 1 or more. Later ones are counted.</param>
    /// <exception cref="InvalidOperationException">There is a trace already.</exception>
    public GlobalLockTrace StartTrace(int capacity = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var started = new GlobalLockTrace(capacity, ended => Interlocked.CompareExchange(ref trace, null, ended));
        return Interlocked.CompareExchange(ref trace, started, null) is null
            ? started
            : throw new InvalidOperationException("The lock is traced already. Dispose of the other trace first.");
    }

    /// <summary>
    /// Gives the lock up around blocking work, as <c>Py_BEGIN_ALLOW_THREADS</c>, and takes it back, as deep as before, when the
    /// scope is disposed of.
    /// </summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold the lock.</exception>
    public Allowance AllowThreads()
    {
        Thread me = Thread.CurrentThread;
        if (!Holds(me))
            throw NotHeld(nameof(AllowThreads));
        long saved = top;
        Release(me, GlobalLockRelease.Blocking);
        return new(this, saved);
    }

    /// <summary>A thread id can be that of a thread that ended and never released: the object cannot.</summary>
    private bool Holds(Thread me) => word >> OwnerShift == me.ManagedThreadId && holder == me;

    /// <summary>The word is ours.</summary>
    private void Took(Thread me)
    {
        if (holder != me)
        {
            holder = me;
            switches++;
        }
        if (++counters.Acquisitions % TimedEvery == 0 || trace is not null)
            acquiredAt = Stopwatch.GetTimestamp();
    }

    /// <summary>The outermost scope ends, or blocking work begins.</summary>
    /// <remarks>
    /// No wake-up is lost. A waiter waits only after it set <see cref="Contended"/>, under the mutex, in a word that has an
    /// owner. Setting it and the exchange here are atomic on one word: either the bit came first, the exchange fails, and
    /// <see cref="GiveUp"/> takes the mutex (free only once the waiter really waits) and wakes one; or the exchange came first,
    /// and the waiter finds the lock free instead of waiting. As long as anybody waits the word is never 0, so that no other
    /// thread can take the lock without the mutex and overlook them.
    /// </remarks>
    private void Release(Thread me, GlobalLockRelease reason)
    {
        top = 0;
        if (acquiredAt != 0)
            EndHold(reason);
        int mine = me.ManagedThreadId << OwnerShift;
        if (Interlocked.CompareExchange(ref word, 0, mine) != mine)
            GiveUp();
    }

    private void TakeBack(long saved)
    {
        Thread me = Thread.CurrentThread;
        if (Holds(me))
            throw OutOfOrder(nameof(AllowThreads), "the lock was taken again inside of it and is still held");
        if (Interlocked.CompareExchange(ref word, me.ManagedThreadId << OwnerShift, 0) == 0)
            Took(me);
        else
            TakeUninterrupted(me);
        top = saved;
    }

    private void End(long mine, long below)
    {
        Thread me = Thread.CurrentThread;
        if (!Holds(me))
            throw NotHeld("The end of a scope");
        if (top != mine)
            throw OutOfOrder(nameof(Acquire), "it has ended already, or one taken later has not");
        if (below != 0)
            top = below;
        else
            Release(me, GlobalLockRelease.Released);
    }

    /// <summary>Ends the scope of code that ran another's: whatever that has left open, the calling thread has the lock no more.</summary>
    /// <param name="scope">The outermost one of the thread.</param>
    /// <exception cref="SynchronizationLockException">Something was left open, or ended twice.</exception>
    internal void EndWholly(in Scope scope)
    {
        try
        {
            scope.Dispose();
        }
        finally
        {
            Thread me = Thread.CurrentThread;
            if (Holds(me))
                Release(me, GlobalLockRelease.Released);
        }
    }

    /// <summary>By the holder, before it gives the lock up.</summary>
    private void EndHold(GlobalLockRelease why)
    {
        long now = Stopwatch.GetTimestamp();
        counters.Held(now - acquiredAt);
        trace?.Add(holder!, acquiredAt, now, why);
        acquiredAt = 0;
    }

    private static SynchronizationLockException NotHeld(string what) => new(
        $"{what}: the calling thread does not hold the global lock. Acquire it on this thread first; it is not kept across an await.");

    private static SynchronizationLockException OutOfOrder(string what, string why) => new(
        $"A scope of {what} ended out of order: {why}. Dispose of scopes in the reverse order, each once, as using statements do.");

    private static SynchronizationLockException Abandoned(Thread holder) => new(
        $"Thread {holder.ManagedThreadId} ({holder.Name ?? "no name"}) ended while it held the global lock, and nobody can release it now. "
        + "Put every Acquire into a using statement, and make a new lock.");

    /// <summary>The lock is held until this is disposed of. It stays on its thread: the compiler sees to that.</summary>
    public readonly ref struct Scope : IDisposable
    {
        private readonly GlobalLock? gil;
        private readonly long mine, below;

        internal Scope(GlobalLock gil, long mine, long below) => (this.gil, this.mine, this.below) = (gil, mine, below);

        /// <summary>
        /// Releases the lock, if this is the outermost scope. If a waiter asked for the lock, returns after another thread took
        /// it.
        /// </summary>
        /// <exception cref="SynchronizationLockException">The lock is not held, or an inner scope has not ended, or this one has.</exception>
        public void Dispose() => gil?.End(mine, below);
    }

    /// <summary>The lock is given up until this is disposed of. It stays on its thread: the compiler sees to that.</summary>
    public readonly ref struct Allowance : IDisposable
    {
        private readonly GlobalLock? gil;
        private readonly long saved;

        internal Allowance(GlobalLock gil, long saved) => (this.gil, this.saved) = (gil, saved);

        /// <summary>Takes the lock back, waiting for it if need be.</summary>
        /// <exception cref="SynchronizationLockException">A scope that was taken inside has not ended, or this one has already.</exception>
        public void Dispose() => gil?.TakeBack(saved);
    }
}
