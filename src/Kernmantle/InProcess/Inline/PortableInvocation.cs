using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.InProcess.Inline;

/// <summary>Runs a call here exactly as a worker process would: from its encoded form, to an encoded result, and back.</summary>
internal static class PortableInvocation
{
    public static async ValueTask<Outcome> InvokeAsync(Call call, LocalInstances instances, CancellationToken token)
    {
        bool ran = false;
        try
        {
            PreparedCall prepared = Prepare(call, instances);
            if (call.ReleasesInstance)
                return await call.InvokeAsync(instances, token).ConfigureAwait(false);
            await prepared.InvokeAsync(token).ConfigureAwait(false);   // up to here the function's own exceptions; from here on those of encoding
            ran = true;
            if (call is IStreamCall stream)
                await CopyItemsAsync(call, stream, prepared, token).ConfigureAwait(false);
            else if (call.Shape.ResultIsInstance)
                instances.Add(call.Id, prepared.Instance ?? throw new InvalidOperationException("The function that creates a Remote's object returned null."));
            return Decode(call, prepared);
        }
        catch (Exception e)
        {
            if (ran && e is NotPortableException notPortable)
                return Outcome.Failed(notPortable);
            bool cancelled = e is OperationCanceledException && call.Scope is { AnyTokenCancelled: true };
            return cancelled ? Outcome.Cancelled : LocalFailure.Of(e, call, token);
        }
    }

    private static PreparedCall Prepare(Call call, LocalInstances instances)
    {
        var reader = new PayloadReader(call.Payload.Span, call.Scope);
        return WorkerFunction.Resolve(call.Function!.Descriptor.Span).Prepare(ref reader, instances.Get, call.InstanceId);
    }

    private static async ValueTask CopyItemsAsync(Call call, IStreamCall stream, PreparedCall prepared, CancellationToken token)
    {
        try
        {
            while (await prepared.MoveNextAsync().ConfigureAwait(false))
            {
                await stream.RoomAsync(token).ConfigureAwait(false);
                CopyItem(call, prepared);
            }
        }
        finally
        {
            await prepared.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void CopyItem(Call call, PreparedCall prepared)
    {
        using var buffer = new PooledBuffer();
        var returned = new ReturnedObjects();
        var writer = new PayloadWriter(buffer, returned);
        prepared.WriteCurrent(ref writer);
        var reader = new PayloadReader(buffer.Written, null, returned);
        call.DecodeItem(ref reader);
    }

    private static Outcome Decode(Call call, PreparedCall prepared)
    {
        using var buffer = new PooledBuffer();
        var returned = new ReturnedObjects();
        if (call is not IStreamCall && call.Shape is { ResultIsInstance: false, IsVoid: false })
        {
            var writer = new PayloadWriter(buffer, returned);
            prepared.WriteResult(ref writer);
        }
        var reader = new PayloadReader(buffer.Written, null, returned);
        return call.Decode(ref reader);
    }
}
