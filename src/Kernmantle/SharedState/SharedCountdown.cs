using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>Threads of any processes that were handed it wait here until it has been signalled as often as it was made for.</summary>
public sealed class SharedCountdown : MeetingObject, ISharedObject<SharedCountdown>
{
    /// <summary>Makes a countdown.</summary>
    /// <param name="count">How many signals are waited for; with 0 nobody waits.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedCountdown(int count)
        : this(StateMemory.Create(StateKind.Countdown, Checked(count)))
    {
        SharedStores.Write(ref Memory.Words.State, count);
    }

    private SharedCountdown(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedCountdown>.Kind => StateKind.Countdown;

    /// <summary>How many signals are still waited for.</summary>
    public int CurrentCount => (int)Volatile.Read(ref Memory.Words.State);

    /// <summary>Signals.</summary>
    /// <param name="count">How often.</param>
    /// <returns>True if nobody waits any more.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    /// <exception cref="InvalidOperationException">So many signals are not waited for; nothing was counted.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public bool Signal(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        StateWait.ThrowIfEnded(Memory);
        ref long word = ref Memory.Words.State;
        while (true)
        {
            long seen = Volatile.Read(ref word);
            if (seen < count)
                throw new InvalidOperationException($"{count} signals, where {seen} are waited for.");
            if (SharedStores.CompareExchange(ref word, seen - count, seen) != seen)
                continue;
            if (seen == count)
                Memory.Ring(int.MaxValue);
            GC.KeepAlive(Memory);
            return seen == count;
        }
    }

    /// <summary>Waits for the signals, at most that long.</summary>
    /// <param name="timeout">How long to wait: zero for not at all, null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if they did not come in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ParticipantLostException">A worker that had the countdown died before all had come.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public bool Wait(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan bound = StateWait.Check(timeout);
        var look = new ZeroLook();
        return StateWait.For(Memory, ref look, bound, cancellationToken);
    }

    /// <summary>Waits for the signals, at most that long, and blocks no thread meanwhile.</summary>
    /// <remarks>It does not look awake first. A thread of this process sleeps for all that wait so.</remarks>
    /// <param name="timeout">How long to wait: zero for not at all, null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if they did not come in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ParticipantLostException">A worker that had the countdown died before all had come.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<bool> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        StateWaits.ForAsync(Memory, default(ZeroLook), StateWait.Check(timeout), cancellationToken);

    static SharedCountdown ISharedObject<SharedCountdown>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedCountdown>.Allows(long parameter, long bytes) => parameter is >= 0 and <= int.MaxValue;

    private static int Checked(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count;
    }

    private readonly struct ZeroLook : ILook
    {
        public bool TryTake(StateMemory memory)
        {
            if (Volatile.Read(ref memory.Words.State) <= 0)
                return true;
            ThrowIfLost(memory);
            return false;
        }
    }
}
