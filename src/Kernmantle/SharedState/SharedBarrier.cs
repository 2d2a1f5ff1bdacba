using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>Threads of any processes that were handed it wait here until as many as it was made for have come; then all go on, and it can be used again.</summary>
public sealed class SharedBarrier : MeetingObject, ISharedObject<SharedBarrier>
{
    /// <summary>Bits 0-31 of the word are how many have come, above is the phase.</summary>
    private const int PhaseShift = 32;

    /// <summary>Makes a barrier.</summary>
    /// <param name="participants">How many meet.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedBarrier(int participants)
        : this(StateMemory.Create(StateKind.Barrier, Checked(participants)))
    {
    }

    private SharedBarrier(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedBarrier>.Kind => StateKind.Barrier;

    /// <summary>How many meet.</summary>
    public int Participants => (int)Memory.Parameter;

    /// <summary>How often they have met.</summary>
    public int Phase => PhaseOf(Volatile.Read(ref Memory.Words.State));

    /// <summary>Waits until all have come, at most that long.</summary>
    /// <param name="timeout">How long to wait: null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting: the caller has not come, then.</param>
    /// <returns>False if they did not come in time: the caller has not come, then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ParticipantLostException">A worker that had the barrier died.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public bool SignalAndWait(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan bound = StateWait.Check(timeout);
        StateWait.ThrowIfEnded(Memory);
        ThrowIfLost(Memory);
        int phase = Come();
        if (phase < 0)
            return true;
        var look = new PhaseLook(phase);
        try
        {
            return StateWait.For(Memory, ref look, bound, cancellationToken) || !TryLeave(phase);
        }
        catch
        {
            if (TryLeave(phase))
                throw;
            return true;   // they have met after all
        }
    }

    /// <summary>Waits until all have come, at most that long, and blocks no thread meanwhile.</summary>
    /// <remarks>It does not look awake first. A thread of this process sleeps for all that wait so.</remarks>
    /// <param name="timeout">How long to wait: null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting: the caller has not come, then.</param>
    /// <returns>False if they did not come in time: the caller has not come, then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ParticipantLostException">A worker that had the barrier died.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<bool> SignalAndWaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => MeetAsync(StateWait.Check(timeout), cancellationToken);

    private async Task<bool> MeetAsync(TimeSpan bound, CancellationToken cancellationToken)
    {
        StateWait.ThrowIfEnded(Memory);
        ThrowIfLost(Memory);
        int phase = Come();
        if (phase < 0)
            return true;
        try
        {
            return await StateWaits.ForAsync(Memory, new PhaseLook(phase), bound, cancellationToken).ConfigureAwait(false) || !TryLeave(phase);
        }
        catch
        {
            if (TryLeave(phase))
                throw;
            return true;   // they have met after all
        }
    }

    static SharedBarrier ISharedObject<SharedBarrier>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedBarrier>.Allows(long parameter, long bytes) => parameter is > 0 and <= int.MaxValue;

    private static int Checked(int participants)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(participants, 1);
        return participants;
    }

    private static int PhaseOf(long state) => (int)(state >> PhaseShift) & int.MaxValue;

    private static int CountOf(long state) => (int)state;

    private static long Of(int phase, int count) => ((long)phase << PhaseShift) | (uint)count;

    /// <summary>The phase that the caller waits for the end of; -1 if it was the last to come.</summary>
    private int Come()
    {
        ref long word = ref Memory.Words.State;
        while (true)
        {
            long seen = Volatile.Read(ref word);
            int phase = PhaseOf(seen);
            bool isLast = CountOf(seen) + 1 >= Participants;
            long next = isLast ? Of((phase + 1) & int.MaxValue, 0) : Of(phase, CountOf(seen) + 1);
            if (SharedStores.CompareExchange(ref word, next, seen) != seen)
                continue;
            if (!isLast)
                return phase;
            Memory.Ring(int.MaxValue);
            GC.KeepAlive(Memory);
            return -1;
        }
    }

    /// <summary>False: they have met after all.</summary>
    private bool TryLeave(int phase)
    {
        ref long word = ref Memory.Words.State;
        while (true)
        {
            long seen = Volatile.Read(ref word);
            if (PhaseOf(seen) != phase || CountOf(seen) == 0)
                return false;
            if (SharedStores.CompareExchange(ref word, Of(phase, CountOf(seen) - 1), seen) == seen)
                return true;
        }
    }

    private readonly struct PhaseLook(int phase) : ILook
    {
        public bool TryTake(StateMemory memory)
        {
            if (PhaseOf(Volatile.Read(ref memory.Words.State)) != phase)
                return true;
            ThrowIfLost(memory);
            return false;
        }
    }
}
