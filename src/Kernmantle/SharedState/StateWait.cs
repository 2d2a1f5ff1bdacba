using System.Diagnostics;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;

namespace Kernmantle.SharedState;

/// <summary>What somebody waits for: one look at it, which takes it if it is there.</summary>
internal interface ILook
{
    /// <summary>True: it was there, and is taken, if it can be.</summary>
    bool TryTake(StateMemory memory);

    /// <summary>Others take it and give it back meanwhile: each look takes the cache line from them that they are about to write, which costs them more than it costs who looks.</summary>
    static virtual bool IsTakenInTurns => false;
}

/// <summary>
/// The one way in which all shared objects are waited for. First awake, for as long as a wake-up would take; then asleep on the object's bell. Who goes to sleep says so (a fence), then looks
/// once more; who changes something changes it (a fence), then looks whether somebody sleeps: so one of the two sees the other. Of what has been taken by one that was woken and stopped, or did not want
/// it any more, the others hear by looking again themselves, every second.
/// </summary>
internal static class StateWait
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Between two looks at what is taken in turns, in moments of <see cref="AdaptiveSpin.Wait"/>: from a fraction of a microsecond to a few. Whoever has it uses it several times meanwhile; who waits loses less than a twentieth of
    /// what a wake-up would take.
    /// </summary>
    private const int ShortestPause = 16, LongestPause = 64;

    /// <summary>For all objects of this process: whether its threads keep their cores while they look is what it learns. About a wake-up, whatever the machine.</summary>
    private static readonly AdaptiveSpin Spin = new(TimeSpan.FromMicroseconds(Environment.ProcessorCount > 1 ? 100 : 0));

    /// <summary>Waits until it can be taken. False: not within that time.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed of, before or meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public static bool For<TLook>(StateMemory memory, ref TLook look, TimeSpan timeout, CancellationToken cancellationToken)
        where TLook : struct, ILook
    {
        ThrowIfEnded(memory);
        bool isTaken = look.TryTake(memory) || (timeout != TimeSpan.Zero && (LookFor(memory, ref look) || Sleep(memory, ref look, timeout, cancellationToken)));
        GC.KeepAlive(memory);
        return isTaken;
    }

    public static void ThrowIfEnded(StateMemory memory)
    {
        if (memory.HasEnded)
            throw memory.EndedFailure();
    }

    /// <summary>Null is for ever.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no time to wait for.</exception>
    public static TimeSpan Check(TimeSpan? timeout)
    {
        TimeSpan bound = timeout ?? Timeout.InfiniteTimeSpan;
        return bound >= TimeSpan.Zero || bound == Timeout.InfiniteTimeSpan
            ? bound
            : throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A time to wait for is not negative, or Timeout.InfiniteTimeSpan.");
    }

    /// <summary>Who waits by that name is to give up.</summary>
    public static bool IsRefused(StateMemory memory, long me)
    {
        ref long refused = ref memory.Words.Refused;
        return Volatile.Read(ref refused) == me && SharedStores.CompareExchange(ref refused, 0, me) == me;
    }

    private static bool LookFor<TLook>(StateMemory memory, ref TLook look)
        where TLook : struct, ILook
    {
        if (!Spin.IsWorthwhile)
            return false;
        var wait = new AdaptiveSpin.Wait(Spin, woke: false);
        for (int pause = TLook.IsTakenInTurns ? ShortestPause : 1; wait.Next(pause); pause = TLook.IsTakenInTurns ? Math.Min(pause * 2, LongestPause) : 1)
        {
            if (!look.TryTake(memory))
                continue;
            wait.Succeeded();
            return true;
        }
        return false;
    }

    private static bool Sleep<TLook>(StateMemory memory, ref TLook look, TimeSpan timeout, CancellationToken cancellationToken)
        where TLook : struct, ILook
    {
        long started = Stopwatch.GetTimestamp();
        SeatTable sleepers = memory.Sleepers;
        long me = memory.Me;
        int seat = sleepers.TryTake(me, SeatTable.Standing);
        sleepers.Mark(seat < 0 ? SeatTable.Standing : seat);
        _ = IsRefused(memory, me);   // from another time, after it had got it all the same
        bool isTaken = false;
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static m => ((StateMemory)m!).Ring(int.MaxValue), memory);
        try
        {
            while (true)
            {
                int seen = Volatile.Read(ref memory.Words.Bell);
                ThrowIfEnded(memory);
                cancellationToken.ThrowIfCancellationRequested();
                if (look.TryTake(memory))
                    return isTaken = true;
                if (IsRefused(memory, me))
                    throw new DeadlockException();
                TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? LookAgain : timeout - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    return false;
                Futex.Wait(ref memory.Words.Bell, seen, left < LookAgain ? left : LookAgain);
            }
        }
        finally
        {
            if (seat >= 0)
            {
                sleepers.Unmark(seat);
                sleepers.Leave(seat);
            }
            if (!isTaken)
                memory.Ring(1);   // it may have been woken for what it does not take
        }
    }
}
