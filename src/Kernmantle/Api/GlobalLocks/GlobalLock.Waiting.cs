using System.Diagnostics;

namespace Kernmantle;

/// <summary>The protocol between holder and waiters: <c>take_gil</c> and <c>drop_gil</c> of CPython.</summary>
public sealed partial class GlobalLock
{
    /// <summary>Waiters wait on it; it also guards the fields below and the two bits of the word.</summary>
    private readonly object mutex = new();

    /// <summary>A holder that gave the lock up on request waits on it until another thread took it. Taken after the mutex, never before.</summary>
    private readonly object switching = new();

    private volatile int switchMilliseconds;
    private int waiters;
    private long handOvers;   // changes under both
    private long switches;

    private void Take(Thread me, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static o => ((GlobalLock)o!).WakeAll(), this);
        lock (mutex)
        {
            waiters++;
            try
            {
                if (!TryTake(me))
                    WaitAndTake(me, cancellationToken);
            }
            catch
            {
                waiters--;
                Leave();
                throw;
            }
            waiters--;
            AnnounceHandOver();
            Took(me);
            acquiredAt = Stopwatch.GetTimestamp();
        }
    }

    private void WaitAndTake(Thread me, CancellationToken cancellationToken)
    {
        long since = Stopwatch.GetTimestamp();
        try
        {
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                long seen = switches;
                if (!Monitor.Wait(mutex, switchMilliseconds) && switches == seen)
                    Request();
            }
            while (!TryTake(me));
        }
        finally
        {
            counters.Waited(Stopwatch.GetTimestamp() - since);
        }
    }

    /// <summary>Under the mutex, counted as a waiter: takes the lock, or makes sure that the holder will look for waiters.</summary>
    private bool TryTake(Thread me)
    {
        while (true)
        {
            int seen = word;
            bool free = (seen & OwnerBits) == 0;
            int wanted = free ? me.ManagedThreadId << OwnerShift | (waiters > 1 ? Contended : 0) : seen | Contended;
            if (wanted == seen || Interlocked.CompareExchange(ref word, wanted, seen) == seen)
                return free;
        }
    }

    /// <summary>Under the mutex, after a whole interval without a switch: asks the holder to give the lock up.</summary>
    private void Request()
    {
        int seen = word;
        if ((seen & OwnerBits) == 0)
            return;
        if (Volatile.Read(ref holder) is { IsAlive: false } dead && dead.ManagedThreadId == seen >> OwnerShift)
            throw Abandoned(dead);
        if ((seen & Requested) != 0)
            return;
        // Contended is set: only the mutex changes the word, and we have it.
        word = seen | Requested;
        counters.Requested();
    }

    /// <summary>Under the mutex: a waiter gave up. Without waiters there is nothing to be asked for, and nobody to hand over to.</summary>
    private void Leave()
    {
        if (waiters > 0)
        {
            Monitor.Pulse(mutex);   // if the one who leaves was woken, another one has to be
            return;
        }
        int seen;
        do
            seen = word;
        while (Interlocked.CompareExchange(ref word, seen & OwnerBits, seen) != seen);
        AnnounceHandOver();
    }

    /// <summary>Under the mutex: whoever gave the lock up on request need not wait any longer.</summary>
    private void AnnounceHandOver()
    {
        bool interrupted = false;
        Enter(switching, ref interrupted);
        handOvers++;
        Monitor.PulseAll(switching);
        Monitor.Exit(switching);
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }

    private bool GiveUpOnRequest()
    {
        Thread me = Thread.CurrentThread;
        if (!Holds(me))
            throw NotHeld(nameof(Checkpoint));
        lock (mutex)
        {
            if ((word & Requested) == 0)
                return false;   // the thread that asked has left
        }
        long saved = top;
        top = 0;
        if (acquiredAt != 0)
            EndHold(GlobalLockRelease.Requested);
        GiveUp();
        TakeUninterrupted(me);
        top = saved;
        return true;
    }

    /// <summary>Gives up a lock that others wait for, or did just now. If they asked for it, returns after one of them has it.</summary>
    private void GiveUp()
    {
        bool interrupted = false;
        Enter(mutex, ref interrupted);
        bool forced = (word & Requested) != 0;   // then somebody waits: the last one to leave clears it
        long before = handOvers;
        if (forced)
            counters.Forced++;
        word = waiters > 0 ? Contended : 0;
        Monitor.Pulse(mutex);
        Monitor.Exit(mutex);
        if (forced)
            AwaitHandOver(before, ref interrupted);
        if (interrupted)
            Thread.CurrentThread.Interrupt();   // for the thread's next wait: this one had to end as promised
    }

    private void AwaitHandOver(long before, ref bool interrupted)
    {
        Enter(switching, ref interrupted);
        while (handOvers == before)
        {
            try
            {
                Monitor.Wait(switching);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
        Monitor.Exit(switching);
    }

    /// <summary>Enters in spite of <see cref="Thread.Interrupt"/>: a release that is broken off would leave the lock without a holder.</summary>
    private static void Enter(object monitor, ref bool interrupted)
    {
        bool entered = false;
        while (!entered)
        {
            try
            {
                Monitor.Enter(monitor, ref entered);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
    }

    /// <summary>Takes the lock back for code that relies on having it: an interruption comes afterwards.</summary>
    private void TakeUninterrupted(Thread me)
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                Take(me, CancellationToken.None);
                break;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
        if (interrupted)
            me.Interrupt();
    }

    private void WakeAll()
    {
        lock (mutex)
            Monitor.PulseAll(mutex);
    }
}
