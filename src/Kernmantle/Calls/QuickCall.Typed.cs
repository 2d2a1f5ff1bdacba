using System.Runtime.ExceptionServices;
using Kernmantle.SharedBuffers;
using Kernmantle.Payloads;

namespace Kernmantle.Calls;

/// <summary>The same, with its types. A synchronous one is waited for and gives its result by <see cref="TakeResult"/>, an asynchronous one completes its <see cref="Task"/>.</summary>
internal sealed class QuickCall<TArgs, TResult> : QuickCall, IPayloadScope, IBufferScope
{
    private readonly PooledBuffer buffer = new();
    private Task<TResult>? promise;
    private int users;
    private Codec<TResult>? codec;
    private TResult result = default!;
    private Outcome? failure;
    private bool keepsBytes;

    public override bool IsPlain => codec is null or IPlainCodec;

    /// <summary>The call, encoded; null if it needs the other way.</summary>
    /// <exception cref="NotPortableException">Something cannot cross.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than <paramref name="maxBytes"/>.</exception>
    public static QuickCall<TArgs, TResult>? TryCreate(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, bool synchronous, long maxBytes, Task<TResult>? promise = null)
    {
        Function identity = Function.Of<TArgs, TResult>(function, shape);
        if (identity.HasLinks)
            return null;
        QuickCall<TArgs, TResult> call = QuickCalls<TArgs, TResult>.Rent();
        call.RenewQuick(function, shape, options);
        call.AttendedAs = 0;   // left from the call that this object was before
        call.Function = identity;
        call.IsSynchronous = synchronous;
        call.promise = synchronous ? null : promise ?? Promise<TResult>.Create();
        call.users = 1;
        try
        {
            return call.TryEncode(arguments, maxBytes) ? call : null;
        }
        catch
        {
            call.ReleaseLent();
            throw;
        }
    }

    public override void Encode(long maxBytes)
    {
        // Encoded when it was made.
    }

    public override Outcome Decode(ref PayloadReader reader) => Shape.IsVoid
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
        bool synchronous = IsSynchronous;   // such a caller may use the object for another call from EndBlocking on
        ReleaseLent();
        EndBlocking();
        if (synchronous)
            return;
        Promise<TResult>.SetResult(promise!, result);
        Leave();
    }

    public override void Complete(Outcome outcome)
    {
        if (outcome is Outcome.Valued<TResult> success)
            result = success.Value;
        else if (outcome.Failure is not null || outcome.IsCancelled)
            failure = outcome;
        bool synchronous = IsSynchronous;
        ReleaseLent();
        EndBlocking();
        if (synchronous)
            return;
        if (failure is null)
            Promise<TResult>.SetResult(promise!, result);
        else
            Promise<TResult>.SetFailure(promise!, failure);
    }

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("Quick calls run in processes.");

    /// <summary>The result, after the end; the call is used up.</summary>
    public TResult TakeResult()
    {
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure.IsCancelled ? new TaskCanceledException() : failure.Failure!);
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

    /// <summary>Before it is submitted: its caller will look at it until <see cref="Leave"/>.</summary>
    public void Enter() => users = 2;

    /// <summary>The caller, or who completed it, no longer looks at it. Whoever is last makes it another call.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
            GiveBack();
    }

    // --- A function with a token or a progress sink needs the other way, from now on ---

    int IPayloadScope.AddToken(CancellationToken token) => Link();

    int IPayloadScope.AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => Link();

    CancellationToken IPayloadScope.GetToken(int index) => throw new InvalidOperationException("A quick call has no links.");

    IProgress<TReport> IPayloadScope.GetProgress<TReport>(int index, Codec<TReport> codec) => throw new InvalidOperationException("A quick call has no links.");

    bool IBufferScope.TryLend(SharedBlock block)
    {
        block.AddReference();
        Lent.Add(block);
        return true;
    }

    SharedBlock IBufferScope.Take(int id) => throw new InvalidOperationException("Calls are encoded with it, not decoded.");

    void IBufferScope.Opened(ISharedBuffer buffer) => throw new InvalidOperationException("Calls are encoded with it, not decoded.");

    private int Link()
    {
        Function!.HasLinks = true;
        return 0;
    }

    private bool TryEncode(in TArgs arguments, long maxBytes)
    {
        buffer.Clear();
        var writer = new PayloadWriter(buffer, this);
        Function!.WriteCall(ref writer, Delegate, arguments);
        if (buffer.Written.Length > maxBytes)
            throw new PayloadTooLargeException($"The arguments of {Function.DisplayName}", buffer.Written.Length, maxBytes);
        if (Function.HasLinks)
        {
            ReleaseLent();
            return false;
        }
        Payload = buffer.WrittenMemory;
        codec = Shape.IsVoid ? null : Function.ResultCodec<TResult>();
        return true;
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
            throw Taker!.EndForViolation(this, e.Message);
        }
    }

    private void GiveBack()
    {
        (result, keepsBytes) = (default!, false);
        Payload = default;
        buffer.Shrink();
        promise = null;
        QuickCalls<TArgs, TResult>.Return(this);
    }
}
