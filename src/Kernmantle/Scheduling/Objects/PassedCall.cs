using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Telemetry;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Objects;

/// <summary>
/// A call that a worker process makes on an object that it was handed. This process passes it on, and the answer back: it reads neither the function nor what that takes and returns, which
/// are bytes of a worker.
/// </summary>
internal sealed class PassedCall : QuickCall
{
    /// <summary>What waits for it is code of ours: it goes on on the thread that completes it.</summary>
    private readonly TaskCompletionSource<PassedResult> completion = new();

    private readonly bool returnsRemote;
    private readonly Func<bool> hasCallerGone;
    private PassedResult result;

    /// <param name="request">What the worker asks for.</param>
    /// <param name="bound">How long the function may take.</param>
    /// <param name="hasCallerGone">Nobody waits for it any more.</param>
    /// <param name="token">Cancels it.</param>
    public PassedCall(in PassedRequest request, TimeSpan bound, Func<bool> hasCallerGone, CancellationToken token)
    {
        RenewQuick(null!, request.Shape, request.Options, token);
        (Function, Payload, Bound, Handed) = (request.Function, request.Payload, bound, request.Handed);
        (returnsRemote, this.hasCallerGone) = (request.ReturnsRemote, hasCallerGone);
    }

    public override bool IsLeft => hasCallerGone();

    public Task<PassedResult> Task => completion.Task;

    public override bool IsPlain => true;

    public override void Encode(long maxBytes)
    {
        // Its caller did.
    }

    public override Outcome Decode(ref PayloadReader reader) => Outcome.Success(Read(ref reader));

    public override void ReadResult(ref PayloadReader reader) => result = Read(ref reader);

    public override void KeepResult(ReadOnlySpan<byte> body) => throw new InvalidOperationException("What is plain is read.");

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("No worker's function runs in this process.");

    public override void Finish()
    {
        ReleaseMemory();
        EndBlocking();
        completion.TrySetResult(result);
    }

    public override void Complete(Outcome outcome)
    {
        ReleaseMemory();
        EndBlocking();
        if (!TryFail(completion, outcome))
            completion.TrySetResult(((Outcome.Valued<PassedResult>)outcome).Value);
    }

    // --- Nobody looks at it, and it is no other call afterwards ---

    public override void Collect()
    {
    }

    public override void Enter()
    {
    }

    public override void Leave()
    {
    }

    private PassedResult Read(ref PayloadReader reader)
    {
        byte[] bytes = reader.ReadBytes(reader.Remaining).ToArray();
        IRemoteObject? handed = null;
        if (returnsRemote)
        {
            var number = new PayloadReader(bytes);
            long id = number.ReadInt64();
            if (id != 0)
                handed = (reader.Buffers as IRemoteScope ?? throw new InvalidPayloadException("A Remote where none can be.")).GetRemote(id);
        }
        return new(bytes, handed);
    }
}

/// <summary>What a worker asks for, checked as far as this process understands it.</summary>
/// <param name="Function">As the worker described it.</param>
/// <param name="Shape">As the worker says: of a function that is called on an object and returns one value.</param>
/// <param name="Options">Timeout and name.</param>
/// <param name="Handed">The objects among the arguments.</param>
/// <param name="ReturnsRemote">The result is the number of an object.</param>
/// <param name="Payload">Captures and arguments.</param>
/// <param name="Trace">What the worker says that it is part of; null for nothing.</param>
internal readonly record struct PassedRequest(Function Function, FunctionShape Shape, CallOptions Options, IReadOnlyList<IRemoteObject> Handed, bool ReturnsRemote, byte[] Payload, TraceContext? Trace);

/// <summary>What the function returned.</summary>
/// <param name="Bytes">The result, encoded.</param>
/// <param name="Handed">The object whose number that is.</param>
/// <param name="InCaller">The object lives in the very worker that called it, under this number: that is to run the call itself. 0 if not.</param>
internal readonly record struct PassedResult(byte[] Bytes, IRemoteObject? Handed, long InCaller = 0);
