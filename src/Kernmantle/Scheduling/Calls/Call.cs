using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>Where a call stands. Only the pool moves it, under its lock, and only forwards, but for a retry or a move.</summary>
internal enum CallState
{
    Queued,
    Assigned,
    Begun,
    Ended,
}

/// <summary>
/// One invocation of a function. It ends exactly once: whoever moves <see cref="State"/> to
/// <see cref="CallState.Ended"/> completes it.
/// </summary>
internal abstract class Call(Delegate function, FunctionShape shape, CallOptions options, CancellationToken token)
{
    private static long lastId;

    private string? name = options.Name;

    public long Id { get; private set; } = Interlocked.Increment(ref lastId);

    public Delegate Delegate { get; private set; } = function;

    public FunctionShape Shape { get; private set; } = shape;

    public CallOptions Options { get; private set; } = options;

    /// <summary>The caller's token.</summary>
    public CancellationToken Token { get; private protected set; } = token;

    public string Name => name ??= Function?.DisplayName ?? Function.NameOf(Delegate);

    // --- What the pool keeps, guarded by its lock ---

    public CallState State { get; set; }

    public int Attempt { get; set; } = 1;

    public bool CancelRequested { get; set; }

    /// <summary>When the present attempt began, by the pool's clock; 0 while it has not.</summary>
    public long BegunAt { get; set; }

    /// <summary>Of a quick one: when its worker got it, by the pool's clock, where somebody looked then; else 0.</summary>
    public long WatchedSince { get; set; }

    /// <summary>What its worker may use in its next attempt; null for as much as it likes.</summary>
    public Limits? Limits { get; set; }

    /// <summary>What few calls need: how they fared before; null for none.</summary>
    public CallSupervision? Supervision { get; private set; }

    public Slot? Slot { get; set; }

    /// <summary>The slot this call must run on (calls with a key, calls of a <see cref="Remote{T}"/>); null for any.</summary>
    public Slot? PinnedTo { get; set; }

    /// <summary>The incarnation of that slot's worker that holds the object; 0 for any.</summary>
    public long Generation { get; set; }

    /// <summary>The object the function is called on (the id of the call that created it); 0 for none.</summary>
    public long InstanceId { get; set; }

    /// <summary>A call that runs has made it, and perhaps waits for it: it never waits for room in the queue, which might not come before that call has ended.</summary>
    public bool IsNested { get; set; }

    /// <summary>Nobody waits for it any more: if it has begun it is asked to end, and its worker is not killed for it.</summary>
    public virtual bool IsLeft => false;

    /// <summary>The hash code of its key, taken where the user's code may run: all that the pool looks at of a key.</summary>
    public int KeyHash { get; set; }

    /// <summary>How many calls it stands for: the items of a batch.</summary>
    public virtual int Count => 1;

    /// <summary>How much of the queue it takes: as many calls as it holds copies of the arguments of.</summary>
    public virtual int Places => Count;

    /// <summary>The call disposes of that object: the worker forgets it.</summary>
    public bool ReleasesInstance { get; init; }

    /// <summary>Nobody has had anything of it, so that it may be tried again.</summary>
    public virtual bool MayRepeat => true;

    /// <summary>It leaves room for others while it runs.</summary>
    public bool Interleaves { get; set; }

    /// <summary>Its worker is replaced after it.</summary>
    public bool EndsWorker { get; init; }

    /// <summary>The line it stands in, and its neighbours there: kept by <see cref="CallQueue"/>.</summary>
    public CallQueue? Line { get; set; }

    /// <summary>Its place among those that wait for room in the queue.</summary>
    public Waiter? Waiter { get; set; }

    public Call? Next { get; set; }

    public Call? Previous { get; set; }

    /// <summary>For metrics and traces; null where nobody has listened.</summary>
    public CallWatch? Watch { get; set; }

    public ITimer? Timer { get; set; }

    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>Creates it if need be.</summary>
    public CallSupervision Supervise() => Supervision ??= new();

    // --- Crossing to another process ---

    /// <summary>The function's identity, once encoded.</summary>
    public Function? Function { get; protected set; }

    /// <summary>Captures and arguments as they were when the call was made, once encoded.</summary>
    public ReadOnlyMemory<byte> Payload { get; protected set; }

    /// <summary>The call's tokens and progress sinks, once encoded.</summary>
    public CallScope? Scope { get; protected set; }

    /// <summary>What crosses by reference. Set before the call is encoded.</summary>
    public Lending Lending { get; set; }

    /// <summary>It is encoded before it waits for room in the queue: there are few of its kind, and whoever made it wants to know whether it can be.</summary>
    public virtual bool WaitsEncoded => false;

    /// <summary>What can be said of it before it is encoded, since its values are read later.</summary>
    /// <exception cref="NotPortableException">Its function, or a type that it carries, cannot cross.</exception>
    public virtual void CheckPortable()
    {
    }

    /// <summary>Takes the snapshot that crosses.</summary>
    /// <exception cref="NotPortableException">Something cannot cross.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than <paramref name="maxBytes"/>.</exception>
    public abstract void Encode(long maxBytes);

    /// <summary>Reads the result that a worker wrote.</summary>
    /// <exception cref="InvalidPayloadException">It is not one.</exception>
    public abstract Outcome Decode(ref PayloadReader reader);

    /// <summary>Takes one item of a stream that a worker wrote.</summary>
    public virtual void DecodeItem(ref PayloadReader reader) => throw new InvalidPayloadException("An item for a call that is not a stream.");

    // --- Running here ---

    /// <summary>What the function is called with, where the call still has it: one that crosses is encoded at once. Before the arguments, a place for the object that it is called on.</summary>
    public virtual ITuple? Arguments => null;

    /// <summary>Runs the function on the calling thread and reports how it came out; never throws.</summary>
    public abstract ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token);

    // --- The end ---

    /// <summary>Completes with the call; faulted or cancelled as the call was.</summary>
    public abstract Task Ended { get; }

    /// <summary>What it came to is known only after <see cref="Conclude"/>.</summary>
    public virtual bool IsConcludedLater => false;

    /// <summary>The call has ended: takes what its worker left. Called once, outside of the pool's lock.</summary>
    public virtual void Conclude(Outcome outcome)
    {
    }

    /// <summary>What the figures of the pool say of it.</summary>
    public virtual CallTally Tally(Outcome outcome) => CallTally.Of(1, outcome);

    /// <summary>Hands the outcome to the caller. Called once, outside of the pool's lock: a synchronisation context, or what is given back, may be the user's or the system's.</summary>
    public abstract void Complete(Outcome outcome);

    /// <summary>Makes the object another call, after the one that it was has ended.</summary>
    private protected void Renew(Delegate function, FunctionShape shape, CallOptions options, CancellationToken token)
    {
        (Delegate, Shape, Options) = (function, shape, options);
        name = options.Name;
        Id = Interlocked.Increment(ref lastId);
        State = CallState.Queued;
        Slot = null;
        BegunAt = 0;
        PinnedTo = null;
        (Generation, InstanceId, Attempt) = (0, 0, 1);
        (CancelRequested, IsNested) = (false, false);
        Timer = null;
        Registration = default;
        (Supervision, Limits) = (null, null);
        Volatile.WriteBarrier();   // who finds the token finds the call that it belongs to
        Token = token;
    }

    /// <summary>Fails or cancels the completion as the outcome says; false if the outcome is a success.</summary>
    private protected bool TryFail<T>(TaskCompletionSource<T> completion, Outcome outcome)
    {
        if (outcome.IsCancelled)
            completion.TrySetCanceled(Token.IsCancellationRequested ? Token : new CancellationToken(canceled: true));
        else if (outcome.Failure is { } failure)
            completion.TrySetException(failure);
        else
            return false;
        return true;
    }

    public override string ToString() => $"{Name} #{Id}";
}
