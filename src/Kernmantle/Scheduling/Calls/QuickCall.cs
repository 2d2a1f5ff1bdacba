using Kernmantle.Functions;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Streams;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>
/// A call that needs nothing but its arguments and its result, and can be cancelled and time out: no retry, no object in the worker. Workers with
/// a quick way take it by that, several in advance; others take it like any call. It is used again for another call when its caller
/// has taken the result, and only then: one that ended in any other way is left to the collector.
/// </summary>
internal abstract class QuickCall() : Call(null!, default, WorkerPool.NoOptions, default)
{
    private int ended;

    /// <summary>Who blocks until the call has ended waits on it. Made for the first who does, and kept with the object.</summary>
    private object? monitor;
    private bool hasSleeper;
    private bool attended;

    /// <summary>The number under which its worker knows it, or its last item; 0 while it has not been handed over. Set with the handing over.</summary>
    public long Sequence { get; set; }

    /// <summary>When its worker got it, as <see cref="Environment.TickCount64"/>.</summary>
    public long HandedOverAt { get; set; }

    /// <summary>How long it was expected to take when its worker got it.</summary>
    public double ExpectedMicroseconds { get; set; }

    /// <summary>How long its function may take; infinite for as long as it likes.</summary>
    public TimeSpan Bound { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Its function has a timeout: its worker says when it was called.</summary>
    public bool IsTimed => Bound != Timeout.InfiniteTimeSpan;

    /// <summary>Of one with a timeout: when the function of which number was called, as its worker said when that was looked at first; 0 for not yet.</summary>
    public (long Number, long At) Started { get; set; }

    /// <summary>Of one with a timeout: the earliest that it can have begun, by the pool's clock.</summary>
    public long PlacedAt { get; set; }

    /// <summary>The number of its first item.</summary>
    public long First { get; set; }

    /// <summary>Of its items, those that failed while the others went on.</summary>
    public int FailedItems { get; private protected set; }

    /// <summary>The memory it holds: of shared buffers among its arguments.</summary>
    public IReadOnlyList<SharedBlock> Lent { get; private protected set; } = [];

    /// <summary>The objects whose <see cref="Remote{T}"/> it carries.</summary>
    public IReadOnlyList<IRemoteObject> Handed { get; private protected set; } = [];

    /// <summary>While it is encoded into memory of that one's worker. Guarded by the pool's lock.</summary>
    public Slot? ExpectedBy { get; set; }

    /// <summary>Memory of the worker that it was expected to go to, where its payload lies; null if that is elsewhere.</summary>
    public PayloadRoom? Room { get; private protected set; }

    /// <summary>Memory of the worker that it went to instead, where a copy of its payload lies. It may read that until the call has ended.</summary>
    public PayloadRoom? SentIn
    {
        get;
        set
        {
            field?.Release();
            field = value;
        }
    }

    /// <summary>It is a stream: where its items go.</summary>
    public StreamItems? Items { get; set; }

    /// <summary>Its worker has no other call meanwhile: what it uses, or which stream an item belongs to, could not be told.</summary>
    public bool NeedsWorkerForItself => Limits is not null || Items is not null;

    /// <summary>It was parted from others for a worker that takes one call at a time.</summary>
    private protected bool StaysAlone { get; set; }

    /// <summary>It may travel with others like it (<see cref="Joiner"/>), as far as it itself is concerned.</summary>
    public virtual bool MayJoin => false;

    /// <summary>One with a token that has joined others: whom, and its place among them. It is kept for its token. Guarded by the pool's lock.</summary>
    private JoinedCalls? joinedIn;

    public int JoinedAt { get; private set; }

    /// <summary>The joined calls to which it belongs now; null for none.</summary>
    public JoinedCalls? PartNow => joinedIn?.PartWith(JoinedAt);

    public sealed override bool MayRepeat => Items?.AnyArrived != true;

    /// <summary>Whose it is, where its token is watched.</summary>
    public Scheduler? Scheduler { get; set; }

    /// <summary>Who answered it.</summary>
    public PoolWorker? Taker { get; set; }

    /// <summary>Its caller looks for the answer itself.</summary>
    public bool IsAttended
    {
        get => Volatile.Read(ref attended);
        set => Volatile.Write(ref attended, value);
    }

    /// <summary>Its worker slept when it was handed over.</summary>
    public bool WokeWorker { get; set; }

    /// <summary>The number under which it is attended: stays where the call goes to another worker, which has other numbers.</summary>
    public long AttendedAs { get; set; }

    /// <summary>The caller's thread takes the result: it may run the code that makes it.</summary>
    public bool IsSynchronous { get; private protected set; }

    /// <summary>Reading the result runs no code of the user's, so that any thread may.</summary>
    public abstract bool IsPlain { get; }

    /// <summary>The caller may go on.</summary>
    public bool HasEnded => Volatile.Read(ref ended) != 0;

    /// <summary>It goes to another worker, or to the same one anew; whoever attended it waits for its end.</summary>
    public virtual void TakeBack()
    {
        (First, Sequence) = (0, 0);
        IsAttended = false;
    }

    /// <summary>Joined calls of which it is the first, so far alone.</summary>
    public virtual JoinedCalls StartJoining(Scheduler scheduler) => throw new InvalidOperationException($"{this} cannot join others.");

    /// <summary>Under the pool's lock: it is part of those, and of its own only what its token needs.</summary>
    public void OnJoined(JoinedCalls calls, int at)
    {
        (joinedIn, JoinedAt) = (calls, at);
        if (!Token.CanBeCanceled)
            Leave();
    }

    /// <summary>Reads the result, and keeps it until <see cref="Finish"/>.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are no result.</exception>
    public abstract void ReadResult(ref PayloadReader reader);

    /// <summary>Keeps the bytes of the result for the caller's thread to read, by <see cref="Collect"/> or when a synchronous caller takes it.</summary>
    public abstract void KeepResult(ReadOnlySpan<byte> body);

    /// <summary>By an asynchronous caller that has attended the call, before <see cref="Leave"/>: reads what was kept for it. That may run the user's code.</summary>
    public abstract void Collect();

    /// <summary>Before it is submitted: it will be looked at until <see cref="Leave"/>, and is no other call before.</summary>
    public abstract void Enter();

    /// <summary>It is no longer looked at.</summary>
    public abstract void Leave();

    /// <summary>Success: lets the caller go on. Called once, after the accounts are made.</summary>
    public abstract void Finish();

    public sealed override Task Ended => throw new InvalidOperationException("A quick call is not awaited in this way.");

    /// <summary>Those that it has joined are nothing to it any more.</summary>
    private protected void ForgetJoined() => joinedIn = null;

    /// <summary>Gives back the memory that it holds.</summary>
    private protected void ReleaseMemory()
    {
        foreach (SharedBlock block in Lent)
            block.Release();
        (Lent, Handed) = ([], []);
        SentIn = null;
        Room?.Release();
        Room = null;
    }

    /// <summary>Lets a caller that blocks, or looks, go on. A synchronous caller may use the object for another call from here on.</summary>
    private protected void EndBlocking()
    {
        Volatile.Write(ref ended, 1);
        Interlocked.MemoryBarrier();
        if (!Volatile.Read(ref hasSleeper))
            return;
        lock (monitor!)
            Monitor.PulseAll(monitor);
    }

    /// <summary>Blocks until the call has ended.</summary>
    public void WaitForEnd()
    {
        monitor ??= new();
        lock (monitor)
        {
            hasSleeper = true;
            Interlocked.MemoryBarrier();
            while (!HasEnded)
                Monitor.Wait(monitor);
            hasSleeper = false;
        }
    }

    private protected void RenewQuick(Delegate function, FunctionShape shape, CallOptions options, CancellationToken token)
    {
        Renew(function, shape, options, token);
        (First, Sequence) = (0, 0);
        IsAttended = false;
        (Taker, Items, joinedIn, StaysAlone) = (null, null, null, false);
        ended = 0;
    }
}
