using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.SharedBuffers;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane.Link;

/// <summary>What is said to the worker by frames: the greeting, calls, and what concerns them.</summary>
internal sealed class LinkSender(LinkContext link, LinkCalls calls, LinkClock clock, LinkFunctions functions, LinkLimits limits, LinkEnds ends, LinkObjects objects)
{
    public void SendHello()
    {
        LinkSettings settings = link.Settings;
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        if (link.Dialect is not null)
        {
            link.Dialect.WriteHello(ref writer, link.Name, link.Id);
            link.Transport!.Send(FrameKind.Hello, 0, body.Written);
            return;
        }
        int flags = (settings.WaitForDebugger ? Protocol.WaitForDebugger : 0) | (settings.Initializer is null ? 0 : Protocol.HasInitializer) | (settings.DropsLog ? Protocol.DropsLog : 0);
        new Hello(link.Name, link.Id, settings.MaxPayloadBytes, settings.StreamWindow, settings.FrameWindow, (byte)flags).Write(ref writer);
        if (settings.Initializer is { } initializer)
        {
            writer.WriteInt32(initializer.Function!.Descriptor.Length);
            writer.WriteBytes(initializer.Function.Descriptor.Span);
            writer.WriteBytes(initializer.Payload.Span);
            objects.Hand(initializer.Scope?.Remotes ?? []);
        }
        link.Transport!.Send(FrameKind.Hello, 0, body.Written);
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.Dispatch"/>.</summary>
    public void Dispatch(Call call)
    {
        bool isReady = limits.TryPrepare(call, out Action? after);
        after?.Invoke();
        if (!isReady)
            return;
        if (call.Function is { AssignsUntold: true } function)
            functions.TellAssigned(function);
        if (call is IStreamCall stream)
            stream.OnConsumed = SendCredit(call.Id);
        using var head = new PooledBuffer();
        var writer = new PayloadWriter(head);
        if (call.ReleasesInstance)
            writer.WriteInt64(call.InstanceId);
        else
            new CallHeader(call.Function?.Id ?? 0, call.Attempt, call.InstanceId).Write(ref writer);
        try
        {
            Lend(call.Scope?.Blocks ?? []);
            objects.Hand((call as QuickCall)?.Handed ?? call.Scope?.Remotes ?? []);
            link.Dialect?.Lend(call);
            Send(call, head.Written);
        }
        catch (InsufficientMemoryException e)
        {
            ends.Finish(call, Outcome.Failed(e));   // it was not sent: the worker knows nothing of it
            return;
        }
        call.Scope?.Watch(index => SendCancelToken(call, index));
        if (link.Interruption is not null && call.CancelRequested)
            Cancel(call);   // as it was on its way, which was too early
    }

    /// <summary>Hands over memory that a call names.</summary>
    /// <exception cref="InsufficientMemoryException">The worker cannot get it.</exception>
    public void Lend(IReadOnlyList<SharedBlock> blocks)
    {
        foreach (SharedBlock block in blocks)
        {
            if (link.Shared is null)
                throw new InsufficientMemoryException("A shared buffer cannot be handed to this worker: there was no memory for its rings, so that it is reached over a socket.");
            link.Shared.Buffers.Share(block);
        }
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.CancelCall"/>.</summary>
    public void Cancel(Call call)
    {
        if (link.Interruption is null)
            link.Transport?.Send(FrameKind.CancelCall, call.Id, default);
        else if (link.Transport is not null)
            Interrupt(link.Interruption, call, link.Transport);
    }

    private void Send(Call call, ReadOnlySpan<byte> head)
    {
        IFrameTransport channel = link.Transport!;
        lock (link.Gate)
        {
            calls.Start(call);
            clock.Start(call);
            if (!call.ReleasesInstance && call.Function is not null)
                functions.Register(channel, call.Function);
            if (call.Watch?.Span is { } span && link.Dialect is not { TakesTraces: false } && TraceContext.Of(span) is { } trace)
                channel.Send(FrameKind.Trace, call.Id, trace.Write());
            channel.Send(call.ReleasesInstance ? FrameKind.ReleaseInstance : FrameKind.Call, call.Id, head, call.ReleasesInstance ? default : call.Payload);
        }
    }

    /// <summary>A call that the worker does not have yet is cancelled by who sends it; the worker would forget what it is told before.</summary>
    private void Interrupt(Interruption by, Call call, IFrameTransport channel)
    {
        lock (link.Gate)
        {
            if (!calls.Has(call) || !by.TryTell(call.Id, channel))
                return;
        }
        _ = by.SignalAsync(channel);
    }

    private void SendCancelToken(Call call, int index)
    {
        using var body = new PooledBuffer();
        new PayloadWriter(body).WriteInt32(index);
        link.Transport!.Send(FrameKind.CancelToken, call.Id, body.Written);
    }

    /// <summary>Gives credit back in portions of half a window, not item by item.</summary>
    private Action<int> SendCredit(long callId)
    {
        int taken = 0;
        int portion = Math.Max(1, link.Settings.FrameWindow / 2);
        return count =>
        {
            taken += count;
            if (taken < portion)
                return;
            using var body = new PooledBuffer();
            new PayloadWriter(body).WriteInt32(taken);
            taken = 0;
            link.Transport!.Send(FrameKind.StreamCredit, callId, body.Written);
        };
    }
}
