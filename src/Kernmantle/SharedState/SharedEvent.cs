using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// A signal that threads of any processes wait for which were handed it: for all, until it is reset, or (<see cref="EventResetMode.AutoReset"/>) for one. What one that dies has taken is gone.
/// </summary>
public sealed class SharedEvent : SharedObject, ISharedObject<SharedEvent>
{
    /// <summary>Makes an event.</summary>
    /// <param name="isSet">It is signalled from the beginning.</param>
    /// <param name="mode">Whether it lets all go, until it is reset, or one.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such mode.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedEvent(bool isSet = false, EventResetMode mode = EventResetMode.ManualReset)
        : this(StateMemory.Create(StateKind.Event, Checked(mode)))
    {
        if (isSet)
            Set();
    }

    private SharedEvent(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedEvent>.Kind => StateKind.Event;

    /// <summary>It is signalled just now.</summary>
    public bool IsSet => Volatile.Read(ref Memory.Words.State) != 0;

    private bool IsAuto => Memory.Parameter == (long)EventResetMode.AutoReset;

    /// <summary>Signals.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void Set()
    {
        StateWait.ThrowIfEnded(Memory);
        SharedStores.Exchange(ref Memory.Words.State, 1);
        Memory.Ring(IsAuto ? 1 : int.MaxValue);
        GC.KeepAlive(Memory);
    }

    /// <summary>Takes the signal back.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void Reset()
    {
        StateWait.ThrowIfEnded(Memory);
        SharedStores.Exchange(ref Memory.Words.State, 0);
        GC.KeepAlive(Memory);
    }

    /// <summary>Waits for the signal, at most that long.</summary>
    /// <param name="timeout">How long to wait: zero for not at all, null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if it did not come in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public bool Wait(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan bound = StateWait.Check(timeout);
        var look = new SignalLook(IsAuto);
        return StateWait.For(Memory, ref look, bound, cancellationToken);
    }

    /// <summary>Waits for the signal, at most that long, and blocks no thread meanwhile.</summary>
    /// <remarks>It does not look awake first. A thread of this process sleeps for all that wait so.</remarks>
    /// <param name="timeout">How long to wait: zero for not at all, null for ever.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if it did not come in time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative time.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public Task<bool> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        StateWaits.ForAsync(Memory, new SignalLook(IsAuto), StateWait.Check(timeout), cancellationToken);

    static SharedEvent ISharedObject<SharedEvent>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedEvent>.Allows(long parameter, long bytes) => parameter is (long)EventResetMode.AutoReset or (long)EventResetMode.ManualReset;

    private static long Checked(EventResetMode mode) => mode is EventResetMode.AutoReset or EventResetMode.ManualReset
        ? (long)mode
        : throw new ArgumentOutOfRangeException(nameof(mode), mode, "An event resets itself, or is reset.");

    private readonly struct SignalLook(bool isAuto) : ILook
    {
        public bool TryTake(StateMemory memory) => Volatile.Read(ref memory.Words.State) != 0
            && (!isAuto || SharedStores.CompareExchange(ref memory.Words.State, 0, 1) == 1);
    }
}
