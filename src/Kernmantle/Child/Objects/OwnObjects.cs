using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child.Objects;

/// <summary>
/// Calls of this worker on its own objects, which come back from the host: it runs them itself, as part of the call that makes them. All crosses by value as it would between two workers. Thread-safe.
/// </summary>
internal sealed class OwnObjects(WorkerIdentity worker, FunctionTable functions, InstanceTable instances)
{
    private readonly Dictionary<int, WorkerFunction> known = [];
    private readonly Lock gate = new();
    private volatile Turn? turn;

    /// <summary>What runs next is a call on that object; 0 for none.</summary>
    public long Running { get; set; }

    /// <summary>Some were, by the call that runs.</summary>
    public bool AnyCalled => turn is not null;

    /// <summary>Returns the result, encoded.</summary>
    /// <exception cref="RemoteException">The function threw.</exception>
    /// <exception cref="DeadlockException">The call would wait for itself.</exception>
    public Task<byte[]> CallAsync(Function function, long instance, ReadOnlyMemory<byte> payload, IPayloadScope scope, CancellationToken cancellationToken) =>
        TurnOfNow().RunAsync(instance, () => RunAsync(function, instance, payload, scope, cancellationToken), cancellationToken);

    /// <summary>The call that ran has ended; completes when what was part of it has.</summary>
    public async ValueTask EndAsync()
    {
        if (turn is not { } over)
            return;
        await over.EndAsync().ConfigureAwait(false);
        turn = null;
    }

    private Turn TurnOfNow()
    {
        lock (gate)
            return turn ??= new(Running);
    }

    private async Task<byte[]> RunAsync(Function function, long instance, ReadOnlyMemory<byte> payload, IPayloadScope scope, CancellationToken cancellationToken)
    {
        PreparedCall prepared;
        try
        {
            prepared = Prepare(function, instance, payload, scope);
            await prepared.InvokeAsync(cancellationToken).ConfigureAwait(true);
        }
        catch (Exception e) when (e is not (StateLostException or FunctionUnavailableException or DeadlockException) && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw RemoteFailure.Of(e).ToException(worker.Name, function.DisplayName);
        }
        using var body = new PooledBuffer(worker.MaxPayload, "The result");
        var writer = new PayloadWriter(body);
        prepared.WriteResult(ref writer);
        return body.Written.ToArray();
    }

    private PreparedCall Prepare(Function function, long instance, ReadOnlyMemory<byte> payload, IPayloadScope scope)
    {
        WorkerFunction? found;
        lock (gate)
            known.TryGetValue(function.Id, out found);
        if (found is null)
        {
            found = functions.Resolve(function.Descriptor.Span);
            lock (gate)
                known[function.Id] = found;
        }
        var reader = new PayloadReader(payload.Span, scope);
        return found.Prepare(ref reader, instances.Get, instance);
    }
}
