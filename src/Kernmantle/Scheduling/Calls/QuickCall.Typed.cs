using System.Runtime.ExceptionServices;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Streams;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>The same, with its types. A synchronous one is waited for and gives its result by <see cref="TakeResult"/>, an asynchronous one completes its <see cref="Task"/>.</summary>
/// <remarks>With its base one class, since what it is given, how it joins others and how it ends share one object, which is used again.</remarks>
internal sealed class QuickCall<TArgs, TResult> : QuickCall, IJoinable<TResult>, IPayloadScope, IBufferScope, IPayloadRooms
{
    private readonly PooledBuffer buffer = new();
    private Task<TResult>? promise;
    private int users;
    private Codec<TResult>? codec;
    private TResult result = default!;
    private Outcome? failure;
    private bool keepsBytes;
    private long maxBytes;
    private LargePayloads? large;

    public override bool IsPlain => codec is null or IPlainCodec;

    /// <summary>The call, encoded; null if it needs the other way.</summary>
    /// <exception cref="NotPortableException">Something cannot cross.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than <paramref name="maxBytes"/>.</exception>
    public static QuickCall<TArgs, TResult>? TryCreate(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, bool synchronous, long maxBytes, TimeSpan bound, CancellationToken token, Task<TResult>? promise = null, Home? home = null, LargePayloads? large = null)
    {
        return TryCreate(Function.Of<TArgs, TResult>(function, shape), function, shape, arguments, options, synchronous, maxBytes, bound, promise, home, large, token);
    }

    private static QuickCall<TArgs, TResult>? TryCreate(Function identity, Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, bool synchronous, long maxBytes, TimeSpan bound, Task<TResult>? promise, Home? home, LargePayloads? large, CancellationToken token)
    {
        if (identity.HasLinks)
            return null;
        QuickCall<TArgs, TResult> call = QuickCalls<TArgs, TResult>.Rent();
        call.RenewQuick(function, shape, options, token);
        call.AttendedAs = 0;   // left from the call that this object was before
        call.Function = identity;
        call.IsSynchronous = synchronous;
        call.Bound = bound;
        call.KeyHash = options.Key?.GetHashCode() ?? 0;   // the user's code
        call.promise = synchronous ? null : promise ?? Promise<TResult>.Create();
        call.users = 1;
        (call.maxBytes, call.large) = (maxBytes, large);
        home?.Pin(call);
        try
        {
            if (call.TryEncode(arguments))
                return call;
        }
        catch
        {
            call.Abandon();
            throw;
        }
        call.Abandon();
        return null;
    }

    /// <summary>The same of a function that yields items.</summary>
    /// <exception cref="NotPortableException">Something cannot cross.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than <paramref name="maxBytes"/>.</exception>
    public static QuickCall<TArgs, TResult>? TryCreateStream<TItem>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, int window, long maxBytes, TimeSpan bound, CancellationToken token, out StreamItems<TItem> items, Home? home = null, LargePayloads? large = null)
    {
        Function identity = Function.Of<TArgs, TItem>(function, shape);
        items = new(identity.ResultCodec<TItem>(), window);
        QuickCall<TArgs, TResult>? call = TryCreate(identity, function, shape, arguments, options, synchronous: false, maxBytes, bound, promise: null, home, large, token);
        if (call is not null)
            (call.Items, items.End) = (items, call.Task);
        return call;
    }

    /// <summary>One of calls that joined, by itself again.</summary>
    public static QuickCall<TArgs, TResult> Alone(JoinedCalls joined, ReadOnlyMemory<byte> payload, Task<TResult> promise, CancellationToken token)
    {
        var call = new QuickCall<TArgs, TResult>();
        call.RenewQuick(joined.Delegate, joined.Shape, joined.Options, token);
        (call.Function, call.Bound, call.Payload) = (joined.Function, joined.Bound, payload);
        (call.promise, call.users, call.StaysAlone) = (promise, 1, true);
        call.codec = joined.Shape.IsVoid ? null : joined.Function!.ResultCodec<TResult>();
        return call;
    }

    public override bool MayJoin =>
        !IsSynchronous && !StaysAlone && Limits is null && PinnedTo is null && Watch is not { IsOn: true } && Supervision is null && Items is null && Room is null
        && Payload.Length <= JoinedCalls.LargestPayload && Shape.Kind != ReturnKind.Stream
        && Attempt == 1 && !IsNested && !CancelRequested && Options.Retry is null && Lent.Count + Handed.Count == 0
        && Function!.MayJoin<TArgs, TResult>();

    public override JoinedCalls StartJoining(Scheduler scheduler) => new JoinedCalls<TResult>(scheduler, this);

    public override void Encode(long maxBytes)
    {
        // Encoded when it was made.
    }

    public override Outcome Decode(ref PayloadReader reader) => Shape.IsVoid || Items is not null
        ? Outcome.Success<TResult>(default!)
        : Outcome.Success(Function!.ResultCodec<TResult>().Read(ref reader));

    public override void ReadResult(ref PayloadReader reader)
    {
        if (codec is not null)
            result = codec.Read(ref reader);
    }

    public override void KeepResult(ReadOnlySpan<byte> body)
    {
        buffer.Clear();
        body.CopyTo(buffer.GetSpan(body.Length));
        buffer.Advance(body.Length);
        keepsBytes = true;
    }

    public override void Finish()
    {
        StreamItems? items = Items;
        bool isTaken = IsSynchronous || keepsBytes;   // read now: a synchronous caller may use the object for another call from EndBlocking on
        ReleaseMemory();
        EndBlocking();
        if (isTaken)
            return;
        Promise<TResult>.SetResult(promise!, result);
        items?.Complete();
        Leave();
    }

    public override void Collect()
    {
        if (!keepsBytes || !HasEnded || failure is not null)
            return;
        try
        {
            ReadKeptResult();
            Promise<TResult>.SetResult(promise!, result);
        }
        catch (Exception e)
        {
            Promise<TResult>.SetFailure(promise!, Outcome.Failed(e));
        }
        Leave();
    }

    public override void Complete(Outcome outcome)
    {
        if (outcome is Outcome.Valued<TResult> success)
            result = success.Value;
        else if (outcome.Failure is not null || outcome.IsCancelled)
            failure = outcome;
        bool synchronous = IsSynchronous;
        ReleaseMemory();
        EndBlocking();
        if (synchronous)
            return;
        if (failure is null)
            Promise<TResult>.SetResult(promise!, result);
        else
            Promise<TResult>.SetFailure(promise!, failure, Token);
        Items?.Complete();
    }

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("Quick calls run in processes.");

    /// <summary>The result, after the end; the call is used up.</summary>
    public TResult TakeResult()
    {
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure.IsCancelled ? new TaskCanceledException(null, null, Token.IsCancellationRequested ? Token : new(canceled: true)) : failure.Failure!);
        if (keepsBytes)
        {
            ReadKeptResult();
        }
        TResult taken = result;
        GiveBack();
        return taken;
    }

    /// <summary>The one allocation of an asynchronous call.</summary>
    public Task<TResult> Task => promise!;

    public override void Enter() => users = 2;

    /// <remarks>By the caller, and by who completed it. Whoever is last makes it another call.</remarks>
    public override void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
            GiveBack();
    }

    // --- A function with a token or a progress sink needs the other way, from now on ---

    int IPayloadScope.AddToken(CancellationToken token) => Link();

    int IPayloadScope.AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => Link();

    CancellationToken IPayloadScope.GetToken(int index) => throw new InvalidOperationException("A quick call has no links.");

    IProgress<TReport> IPayloadScope.GetProgress<TReport>(int index, Codec<TReport> codec) => throw new InvalidOperationException("A quick call has no links.");

    long IPayloadScope.AddRemote(IRemoteObject remote)
    {
        if (remote.StaysHere is { } reason)
            throw new NotPortableException("A Remote", reason);
        Handed = [.. Handed, remote];
        return remote.Id;
    }

    IRemoteObject IRemoteScope.GetRemote(long id) => throw new InvalidOperationException("A quick call has no links.");

    bool IBufferScope.TryLend(SharedBlock block)
    {
        if (block.IsHosts)
            return false;
        block.AddReferenceIfAlive();
        if (Lent is not List<SharedBlock> lent)
            Lent = lent = [];
        lent.Add(block);
        return true;
    }

    SharedBlock IBufferScope.Take(BlockName name) => throw new InvalidOperationException("Calls are encoded with it, not decoded.");

    void IBufferScope.Opened(ISharedBuffer buffer) => throw new InvalidOperationException("Calls are encoded with it, not decoded.");

    private int Link()
    {
        Function!.HasLinks = true;
        return 0;
    }

    // --- Large payloads ---

    int IPayloadRooms.LargestElsewhere => large?.LargestInRing ?? int.MaxValue;

    PayloadRoom? IPayloadRooms.TryRent(int length) => length - PooledBuffer.Surplus <= maxBytes ? large?.TryRent(this, length) : null;   // else it will be refused

    private bool TryEncode(in TArgs arguments)
    {
        buffer.Clear();
        buffer.Rooms = this;
        var writer = new PayloadWriter(buffer, this);
        Function!.WriteCall(ref writer, Delegate, arguments);
        if (buffer.Written.Length > maxBytes)
            throw new PayloadTooLargeException($"The arguments of {Function.DisplayName}", buffer.Written.Length, maxBytes);
        if (Function.HasLinks)
            return false;
        Payload = buffer.WrittenMemory;
        Room = buffer.Room;
        if (Room is not null)
            buffer.TakeRoom();
        buffer.Rooms = null;
        codec = Shape.IsVoid || Shape.Kind == ReturnKind.Stream ? null : Function.ResultCodec<TResult>();
        return true;
    }

    /// <summary>It is not submitted.</summary>
    private void Abandon()
    {
        large?.Forget(this);
        buffer.Clear();
        buffer.Rooms = null;
        ReleaseMemory();
    }

    private void ReadKeptResult()
    {
        try
        {
            var reader = new PayloadReader(buffer.Written);
            ReadResult(ref reader);
        }
        catch (InvalidPayloadException e)
        {
            throw UnreadResult.FailureOf(e, null, Name) ?? Taker!.EndForViolation(this, e.Message);
        }
    }

    private void GiveBack()
    {
        (result, keepsBytes) = (default!, false);
        Payload = default;
        Token = default;
        ForgetJoined();
        buffer.Shrink();
        promise = null;
        QuickCalls<TArgs, TResult>.Return(this);
    }
}
