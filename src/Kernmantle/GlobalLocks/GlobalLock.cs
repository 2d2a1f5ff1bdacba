using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kernmantle.GlobalLocks;

namespace Kernmantle;

/// <summary>
/// One lock for code that must not run twice at a time, with the protocol of CPython's global interpreter lock: one thread holds it; another one
/// waits for the <see cref="SwitchInterval"/> and then asks for it; the holder gives it up at a <see cref="Checkpoint"/>, around blocking
/// work (<see cref="AllowThreads"/>), or at the end, and after a request it does not get it back before another thread has had it.
/// </summary>
/// <remarks>
/// <para>Thread-safe. It belongs to the thread that acquired it, so it cannot be held across an <c>await</c>: the scopes are ref structs.</para>
/// <para>
/// Source of the protocol: CPython, <c>Python/ceval_gil.c</c> (<c>take_gil</c>, <c>drop_gil</c>, FORCE_SWITCHING). What differs is told in
/// docs/global-lock.md.
/// </para>
/// </remarks>
public sealed class GlobalLock
{
    /// <summary>Of the acquisitions that need not wait, one of so many is timed: looking at the clock costs more than the lock.</summary>
    private const int TimedEvery = 64;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(0.001), LongestInterval = TimeSpan.FromHours(1);

    /// <summary>Waiters sleep on it; guards nothing.</summary>
    private readonly object freed = new();

    /// <summary>A holder that gave it up on request sleeps on it until another thread has had it.</summary>
    private readonly object taken = new();

    // 1 while held. Set by a compare-and-swap, cleared by an exchange: both are full fences.
    private int held;

    // Threads that sleep on freed or are about to. Raised before the last look at held, so that whoever frees it sees the waiter, or the
    // waiter sees it free: no wake-up is lost.
    private int waiters;

    // Holders that wait on taken.
    private int handingOver;

    // Somebody has waited for an interval. Set by waiters, cleared by who takes it.
    private int requested;

    // The rest is written by the holder alone.
    private int ownerId;
    private int depth;
    private int lastHolderId;
    private long switches;
    private long acquiredAt;
    private Thread? owner;

    private TimeSpan switchInterval;
    private readonly GlobalLockCounters counters = new();
    private GlobalLockTrace? trace;

    /// <summary>Makes a lock.</summary>
    /// <param name="switchInterval">See <see cref="SwitchInterval"/>; 5 ms by default, as in CPython.</param>
    public GlobalLock(TimeSpan? switchInterval = null) => SwitchInterval = switchInterval ?? TimeSpan.FromMilliseconds(5);

    /// <summary>How long a thread waits before it asks the holder to give the lock up; from 1 µs to 1 h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public TimeSpan SwitchInterval
    {
        get => switchInterval;
        set => switchInterval = value >= ShortestInterval && value <= LongestInterval
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"A switch interval is from {ShortestInterval} to {LongestInterval}.");
    }

    /// <summary>Whether the calling thread holds it.</summary>
    public bool IsHeldByCurrentThread => Volatile.Read(ref ownerId) == Environment.CurrentManagedThreadId;

    /// <summary>The thread that holds it at this moment; null if none does.</summary>
    public Thread? Owner => Volatile.Read(ref held) == 0 ? null : Volatile.Read(ref owner);

    /// <summary>Whether somebody asked the holder to give it up.</summary>
    public bool IsRequested => Volatile.Read(ref requested) != 0;

    /// <summary>Figures of this moment.</summary>
    public GlobalLockStatistics Statistics => counters.Snapshot();

    /// <summary>Acquires it, or, on the thread that holds it, acquires it once more (as <c>PyGILState_Ensure</c>).</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Releases it when disposed of, on the same thread, in the reverse order.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled while it waited.</exception>
    public Scope Acquire(CancellationToken cancellationToken = default)
    {
        int me = Environment.CurrentManagedThreadId;
        if (Volatile.Read(ref ownerId) == me)
            return new(this, ++depth);
        Take(me, cancellationToken);
        depth = 1;
        return new(this, 1);
    }

    /// <summary>Gives it up if somebody asked for it, and has it back afterwards. To be called often in long work: without a request it costs a look.</summary>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Checkpoint()
    {
        if (Volatile.Read(ref requested) != 0 || Volatile.Read(ref ownerId) != Environment.CurrentManagedThreadId)
            GiveWay();
    }

    /// <summary>Gives it up while the calling thread waits for something (as <c>Py_BEGIN_ALLOW_THREADS</c>), however often it had been acquired.</summary>
    /// <returns>Acquires it again when disposed of, as often as before.</returns>
    /// <exception cref="SynchronizationLockException">The calling thread does not hold it.</exception>
    public Allowance AllowThreads()
    {
        MustHold(nameof(AllowThreads));
        int before = depth;
        Free(GlobalLockRelease.Blocking);
        return new(this, before);
    }

    /// <summary>Records who holds it from when to when, until the trace is disposed of. One at a time.</summary>
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

    private void Release(int scope)
    {
        MustHold("Release");
        if (scope != depth)
            throw new SynchronizationLockException($"Scope {scope} of the global lock was released while scope {depth} is open. Dispose of scopes in the reverse order, each once.");
        if (--depth == 0)
            Free(GlobalLockRelease.Released);
    }

    private void Restore(int before)
    {
        int me = Environment.CurrentManagedThreadId;
        if (Volatile.Read(ref ownerId) == me)
            throw new SynchronizationLockException("The thread acquired the global lock inside of AllowThreads and has not released it. Dispose of scopes in the reverse order.");
        Take(me, CancellationToken.None);
        depth = before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GiveWay()
    {
        MustHold(nameof(Checkpoint));
        if (Volatile.Read(ref requested) == 0)
            return;
        int before = depth;
        long seen = switches;
        Interlocked.Increment(ref handingOver);
        Free(GlobalLockRelease.Requested);
        try
        {
            lock (taken)
            {
                // A waiter that gave up, being cancelled, is no longer counted, and says so.
                while (Volatile.Read(ref switches) == seen && Volatile.Read(ref waiters) > 0)
                    Monitor.Wait(taken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref handingOver);
            Take(Environment.CurrentManagedThreadId, CancellationToken.None);
            depth = before;
            if (switches == seen)
                Volatile.Write(ref requested, 0);   // who had asked has given up
        }
    }

    private void Take(int me, CancellationToken cancellationToken)
    {
        bool waited = false;
        long since = 0;
        if (Interlocked.CompareExchange(ref held, 1, 0) != 0)
        {
            since = Stopwatch.GetTimestamp();
            Wait(cancellationToken);
            waited = true;
        }
        ownerId = me;
        owner = Thread.CurrentThread;
        counters.Acquisitions++;
        if (lastHolderId != me)
        {
            lastHolderId = me;
            Volatile.Write(ref switches, switches + 1);
            requested = 0;
        }
        GlobalLockTrace? tracing = Volatile.Read(ref trace);
        if (waited || tracing is not null || counters.Acquisitions % TimedEvery == 0)
        {
            acquiredAt = Stopwatch.GetTimestamp();
            if (waited)
                counters.Waited(acquiredAt - since);
        }
        // The increment of switches, or the exchange that took it, comes before this look; a holder that hands over counts itself before it frees.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref handingOver) != 0)
        {
            lock (taken)
                Monitor.PulseAll(taken);
        }
    }

    private void Wait(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                lock (state!)
                    Monitor.PulseAll(state);
            },
            freed);
        lock (freed)
        {
            Interlocked.Increment(ref waiters);
            try
            {
                while (Interlocked.CompareExchange(ref held, 1, 0) != 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    long seen = Volatile.Read(ref switches);
                    bool inTime = Monitor.Wait(freed, switchInterval);
                    if (!inTime && Volatile.Read(ref held) != 0 && Volatile.Read(ref switches) == seen && Interlocked.Exchange(ref requested, 1) == 0)
                        counters.Requested();
                }
            }
            catch (OperationCanceledException)
            {
                Interlocked.Decrement(ref waiters);
                GaveUp();
                throw;
            }
            Interlocked.Decrement(ref waiters);
        }
    }

    /// <summary>A wake-up that was meant for a waiter that gave up goes to another; a holder that hands over to nobody goes on.</summary>
    private void GaveUp()
    {
        Monitor.Pulse(freed);
        lock (taken)
            Monitor.PulseAll(taken);
    }

    private void Free(GlobalLockRelease why)
    {
        if (acquiredAt != 0)
        {
            long now = Stopwatch.GetTimestamp();
            counters.Held(now - acquiredAt);
            Volatile.Read(ref trace)?.Add(owner!, acquiredAt, now, why);
            acquiredAt = 0;
        }
        if (why == GlobalLockRelease.Requested)
            counters.Forced++;
        depth = 0;
        owner = null;
        Volatile.Write(ref ownerId, 0);
        Interlocked.Exchange(ref held, 0);   // a full fence: free, before the look at who waits for it
        if (Volatile.Read(ref waiters) == 0)
            return;
        lock (freed)
            Monitor.Pulse(freed);
    }

    private void MustHold(string what)
    {
        if (Volatile.Read(ref ownerId) != Environment.CurrentManagedThreadId)
            throw new SynchronizationLockException($"{what}: the calling thread does not hold the global lock. Acquire it on this thread first; it is not kept across an await.");
    }

    /// <summary>Holds the lock until it is disposed of.</summary>
    public readonly ref struct Scope
    {
        private readonly GlobalLock owner;
        private readonly int depth;

        internal Scope(GlobalLock owner, int depth) => (this.owner, this.depth) = (owner, depth);

        /// <summary>Releases it.</summary>
        /// <exception cref="SynchronizationLockException">On another thread, twice, or not in the reverse order.</exception>
        public void Dispose() => owner?.Release(depth);
    }

    /// <summary>Others may hold the lock until it is disposed of.</summary>
    public readonly ref struct Allowance
    {
        private readonly GlobalLock owner;
        private readonly int depth;

        internal Allowance(GlobalLock owner, int depth) => (this.owner, this.depth) = (owner, depth);

        /// <summary>Waits for the lock and has it again.</summary>
        /// <exception cref="SynchronizationLockException">The thread has acquired it in between and not released it.</exception>
        public void Dispose() => owner?.Restore(depth);
    }
}
