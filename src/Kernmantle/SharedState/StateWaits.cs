namespace Kernmantle.SharedState;

/// <summary>
/// Those in this process that wait for an object without blocking a thread. Each has a seat among the sleepers and looks once more after it has taken that, as a thread does in <see cref="StateWait"/>; then an attendant sleeps
/// on the bell for all of them. They do not look awake: their threads have something else to do. Thread-safe.
/// </summary>
internal sealed class StateWaits : IAttended
{
    private static readonly PerBlock<StateWaits> All = new(memory => new(memory));

    /// <summary>What a timer can count: longer is for ever.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly StateMemory memory;
    private readonly Attendant attendant;
    private readonly Lock gate = new();
    private readonly LinkedList<Waiter> waiters = [];

    private StateWaits(StateMemory memory)
    {
        this.memory = memory;
        attendant = new(this, "Kernmantle waits");
    }

    ref int IAttended.Bell => ref memory.Words.Bell;

    bool IAttended.HasEnded => memory.HasEnded;

    /// <summary>As <see cref="StateWait.For"/>; the task has its exceptions.</summary>
    /// <param name="memory">Of the object, as who waits has it.</param>
    /// <param name="look">What is waited for.</param>
    /// <param name="timeout">How long.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="clock">Measures the time; null for the system's.</param>
    public static async Task<bool> ForAsync<TLook>(StateMemory memory, TLook look, TimeSpan timeout, CancellationToken cancellationToken, TimeProvider? clock = null)
        where TLook : struct, ILook
    {
        StateWait.ThrowIfEnded(memory);
        if (look.TryTake(memory))
            return true;
        if (timeout == TimeSpan.Zero)
            return false;
        cancellationToken.ThrowIfCancellationRequested();
        using var waiter = new Waiter<TLook>(All.Of(memory), memory, look);
        return await waiter.WaitAsync(timeout, clock ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    bool IAttended.Look()
    {
        Sweep();
        lock (gate)
        {
            if (waiters.Count > 0)
                return true;
        }
        memory.Ring(1);   // what the attendant was woken for is another one's
        return false;
    }

    private void Add(Waiter waiter)
    {
        waiter.Sit();
        lock (gate)
            waiters.AddLast(waiter);
        attendant.Call();
        Sweep();
    }

    /// <summary>In the order in which they came.</summary>
    private void Sweep()
    {
        List<(Waiter Waiter, Exception? Failure)> over = [];
        lock (gate)
        {
            for (LinkedListNode<Waiter>? node = waiters.First, next; node is not null; node = next)
            {
                next = node.Next;
                if (!node.Value.IsOver(out Exception? failure))
                    continue;
                waiters.Remove(node);
                over.Add((node.Value, failure));
            }
        }
        foreach ((Waiter waiter, Exception? failure) in over)
        {
            waiter.Leave();
            if (failure is null)
                waiter.Source.TrySetResult(true);
            else
                waiter.Source.TrySetException(failure);
        }
    }

    /// <summary>False: it has got what it waited for, or is about to be told why not.</summary>
    private bool TryGiveUp(Waiter waiter)
    {
        lock (gate)
        {
            if (!waiters.Remove(waiter))
                return false;
        }
        waiter.Leave();
        return true;
    }

    private abstract class Waiter(StateWaits all, StateMemory memory) : IDisposable
    {
        /// <summary>Where it is not the one of another, it is that of the thread that began to wait, which is nobody's that owns anything.</summary>
        private readonly long name = memory.Me;

        private int seat;
        private CancellationTokenRegistration registration;
        private ITimer? timer;

        public TaskCompletionSource<bool> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected StateMemory Memory => memory;

        public Task<bool> WaitAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
        {
            all.Add(this);
            if (Source.Task.IsCompleted)
                return Source.Task;
            if (timeout != Timeout.InfiniteTimeSpan && timeout <= Longest)
                timer = clock.CreateTimer(static w => ((Waiter)w!).EndLate(), this, timeout, Timeout.InfiniteTimeSpan);
            registration = cancellationToken.UnsafeRegister(static (w, token) => ((Waiter)w!).Cancel(token), this);
            return Source.Task;
        }

        /// <summary>It is one of those that sleep. A fence, before its last look.</summary>
        public void Sit()
        {
            SeatTable sleepers = memory.Sleepers;
            seat = sleepers.TryTake(name, SeatTable.Standing);
            sleepers.Mark(seat < 0 ? SeatTable.Standing : seat);
            _ = StateWait.IsRefused(memory, name);   // from another time, after it had got it all the same
        }

        /// <summary>If the attendant was woken for what this one does not take any more, it finds another one, or wakes one.</summary>
        public void Leave()
        {
            if (seat < 0)
                return;
            SeatTable sleepers = memory.Sleepers;
            sleepers.Unmark(seat);
            sleepers.Leave(seat);
        }

        /// <summary>It has got what it waited for, or has to be told why not.</summary>
        public bool IsOver(out Exception? failure)
        {
            failure = null;
            try
            {
                StateWait.ThrowIfEnded(memory);
                if (TryTake())
                    return true;
                if (StateWait.IsRefused(memory, name))
                    failure = new DeadlockException();
            }
            catch (Exception e)   // told to who waits
            {
                failure = e;
            }
            return failure is not null;
        }

        public void Dispose()
        {
            timer?.Dispose();
            registration.Unregister();
        }

        protected abstract bool TryTake();

        private void EndLate()
        {
            if (all.TryGiveUp(this))
                Source.TrySetResult(false);
        }

        private void Cancel(CancellationToken cancellationToken)
        {
            if (all.TryGiveUp(this))
                Source.TrySetCanceled(cancellationToken);
        }
    }

    private sealed class Waiter<TLook>(StateWaits all, StateMemory memory, TLook look) : Waiter(all, memory)
        where TLook : struct, ILook
    {
        protected override bool TryTake() => look.TryTake(Memory);
    }
}
