using System.Diagnostics;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child.Objects;

/// <summary>An object that the host handed to this worker. Where it lives the host knows.</summary>
internal sealed class HandedObject(long id, ObjectCalls calls) : RemoteObject
{
    private volatile bool isLost;

    public override long Id => id;

    public override bool IsHosts => true;

    public override string? StaysHere => "It was handed to this worker by its host, and this worker's own workers cannot reach that: hand them what they need of it.";

    public override bool IsAlive => !isLost;

    public override Remote<T> As<T>() => new(this);

    public override Task<TResult> CallAsync<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions options, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(cancellationToken);
        try
        {
            if (options is { Retry: not null } or { Limits: not null })
                throw new NotSupportedException("A call on an object that was handed to a worker process takes a timeout and a name, no limits and no retries. Create the object in a pool that has them.");
            Function identity = Function.Of<TArgs, TResult>(function, shape);
            Codec<TResult> result = identity.ResultCodec<TResult>();
            if (result is ISharedBufferCodec || result is ILinkCodec and not IRemoteCodec)
                throw new NotPortableException($"The result of {identity.DisplayName}, a {typeof(TResult).Name}", "From one worker to another it goes only as an argument that the host hands to both.");
            return AskAsync(identity, result, Encode(identity, function, shape, arguments, result is IRemoteCodec, options), options, cancellationToken);
        }
        catch (Exception e)
        {
            return Task.FromException<TResult>(e);   // a user's property or enumerator may throw anything
        }
    }

    public override IAsyncEnumerable<TItem> StreamAsync<TArgs, TItem>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException("From a worker process, an object that was handed to it is called, and not streamed from: return a list, or parts of one.");

    /// <summary>The object is its creator's.</summary>
    public override ValueTask DisposeAsync() => default;

    private Request Encode<TArgs>(Function identity, Delegate function, FunctionShape shape, in TArgs arguments, bool returnsRemote, CallOptions options)
    {
        var scope = new HandedScope(calls);
        using var payload = new PooledBuffer();
        var writer = new PayloadWriter(payload, scope);
        identity.WriteCall(ref writer, function, arguments);
        if (payload.Written.Length > calls.MaxPayload)
            throw new PayloadTooLargeException($"The arguments of {identity.DisplayName}", payload.Written.Length, calls.MaxPayload);
        using var body = new PooledBuffer();
        writer = new PayloadWriter(body);
        long timeout = options.Timeout is { } bound && bound != Timeout.InfiniteTimeSpan ? bound.Ticks : -1;
        byte[] trace = Activity.Current is { } span ? TraceContext.Of(span)?.Write() ?? [] : [];
        if (trace.Length > ObjectCallHeader.LargestTrace)
            trace = [];   // somebody's state of a trace is no text of W3C's
        new ObjectCallHeader(id, identity.Id, shape.Bits, returnsRemote, timeout, options.Name, trace).Write(ref writer);
        writer.WriteInt32(scope.Added.Count);
        foreach (long added in scope.Added)
            writer.WriteInt64(added);
        int head = body.Written.Length;
        writer.WriteBytes(payload.Written);
        return new(body.Written.ToArray(), head);
    }

    private async Task<TResult> AskAsync<TResult>(Function function, Codec<TResult> result, Request request, CallOptions options, CancellationToken cancellationToken)
    {
        byte[] answer = await calls.AskAsync(function, request.Body, cancellationToken).ConfigureAwait(true);   // what follows may run user code: where its caller goes on
        ObjectAnswerKind kind = (ObjectAnswerKind)answer[0];
        switch (kind)
        {
            case ObjectAnswerKind.Result:
                return Read(function, result, answer.AsSpan(1));
            case ObjectAnswerKind.Here:
                return await CallHereAsync(function, result, ReadNumber(answer), request, options, cancellationToken).ConfigureAwait(false);
            case ObjectAnswerKind.Cancelled:
                throw new TaskCanceledException(null, null, cancellationToken.IsCancellationRequested ? cancellationToken : new(canceled: true));
            default:
                Exception failure = ReadFailure(answer);
                isLost |= failure is StateLostException;
                throw failure;
        }
    }

    private async Task<TResult> CallHereAsync<TResult>(Function function, Codec<TResult> result, long instance, Request request, CallOptions options, CancellationToken cancellationToken)
    {
        using var bound = CallBound.Of(options.Timeout ?? Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        try
        {
            ReadOnlyMemory<byte> payload = request.Body.AsMemory(request.Head);
            byte[] bytes = await calls.Own!.CallAsync(function, instance, payload, new HandedScope(calls), bound.Token).ConfigureAwait(true);
            return Read(function, result, bytes);
        }
        catch (OperationCanceledException)
        {
            bound.ThrowIfOver(function.DisplayName, isCancelled: true);
            throw;
        }
    }

    private TResult Read<TResult>(Function function, Codec<TResult> codec, ReadOnlySpan<byte> bytes)
    {
        var reader = new PayloadReader(bytes, new HandedScope(calls));
        try
        {
            return codec.Read(ref reader);
        }
        catch (InvalidPayloadException e) when (UnreadResult.FailureOf(e, null, function.DisplayName) is { } failure)
        {
            throw failure;
        }
    }

    private static long ReadNumber(byte[] answer)
    {
        var reader = new PayloadReader(answer.AsSpan(1));
        return reader.ReadInt64();
    }

    private static Exception ReadFailure(byte[] answer)
    {
        var reader = new PayloadReader(answer.AsSpan(1));
        return CarriedFailure.Read(ref reader);
    }

    /// <param name="Body">All of it.</param>
    /// <param name="Head">How long what is before the payload is.</param>
    private readonly record struct Request(byte[] Body, int Head);
}
