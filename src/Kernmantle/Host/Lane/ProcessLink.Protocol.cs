using System.Buffers;
using System.Text;
using Kernmantle.Functions;
using Kernmantle.Host.Sweep;
using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane;

/// <summary>What is said to the worker, and what it may answer.</summary>
internal sealed partial class ProcessLink
{
    private Call? current;
    private bool begun;

    /// <summary>Begun calls that wait in a worker which has taken others since.</summary>
    private readonly Dictionary<long, Call> interleaved = [];

    public override void Dispatch(Call call)
    {
        bool isReady = TryPrepareLimits(call, out Action? after);
        after?.Invoke();
        if (!isReady)
            return;
        if (call.Function is { AssignsUntold: true } function)
            TellAssigned(function)();
        if (call is IStreamCall stream)
            stream.OnConsumed = SendCredit(call.Id);
        var head = new ArrayBufferWriter<byte>(64);
        var writer = new PayloadWriter(head);
        if (call.ReleasesInstance)
            writer.WriteInt64(call.InstanceId);
        else
            new CallHeader(call.Function?.Id ?? 0, call.Attempt, call.InstanceId).Write(ref writer);
        try
        {
            Lend(call.Scope?.Blocks ?? []);
            dialect?.Lend(call);
            Send(call, head.WrittenSpan);
        }
        catch (InsufficientMemoryException e)
        {
            Finish(call, Outcome.Failed(e));   // it was not sent: the worker knows nothing of it
            return;
        }
        call.Scope?.Watch(index => SendCancelToken(call, index));
        if (interruption is not null && call.CancelRequested)
            CancelCall(call);   // as it was on its way, which was too early
    }

    private void Send(Call call, ReadOnlySpan<byte> head)
    {
        lock (gate)
        {
            (current, begun) = (call, false);
            ForgetClock(call);
            if (!call.ReleasesInstance && call.Function is not null)
                Register(transport!, call.Function);
            transport!.Send(call.ReleasesInstance ? FrameKind.ReleaseInstance : FrameKind.Call, call.Id, head, call.ReleasesInstance ? default : call.Payload);
        }
    }

    public override void CancelCall(Call call)
    {
        if (interruption is null)
            transport?.Send(FrameKind.CancelCall, call.Id, default);
        else if (transport is not null)
            Interrupt(interruption, call, transport);
    }

    /// <summary>A call that the worker does not have yet is cancelled by who sends it; the worker would forget what it is told before.</summary>
    private void Interrupt(Interruption by, Call call, IFrameTransport channel)
    {
        lock (gate)
        {
            if ((current != call && !interleaved.ContainsKey(call.Id)) || !by.TryTell(call.Id, channel))
                return;
        }
        _ = by.SignalAsync(channel);
    }

    private void SendCancelToken(Call call, int index)
    {
        var body = new ArrayBufferWriter<byte>(4);
        new PayloadWriter(body).WriteInt32(index);
        transport!.Send(FrameKind.CancelToken, call.Id, body.WrittenSpan);
    }

    /// <summary>Gives credit back in portions of half a window, not item by item.</summary>
    private Action<int> SendCredit(long callId)
    {
        int taken = 0;
        int portion = Math.Max(1, settings.FrameWindow / 2);
        return count =>
        {
            taken += count;
            if (taken < portion)
                return;
            var body = new ArrayBufferWriter<byte>(4);
            new PayloadWriter(body).WriteInt32(taken);
            taken = 0;
            transport!.Send(FrameKind.StreamCredit, callId, body.WrittenSpan);
        };
    }

    private void SendHello()
    {
        var body = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(body);
        if (dialect is not null)
        {
            dialect.WriteHello(ref writer, name, id);
            transport!.Send(FrameKind.Hello, 0, body.WrittenSpan);
            return;
        }
        int flags = (settings.WaitForDebugger ? Protocol.WaitForDebugger : 0) | (settings.Initializer is null ? 0 : Protocol.HasInitializer) | (settings.DropsLog ? Protocol.DropsLog : 0);
        new Hello(name, id, settings.MaxPayloadBytes, settings.StreamWindow, settings.FrameWindow, (byte)flags).Write(ref writer);
        if (settings.Initializer is { } initializer)
        {
            writer.WriteInt32(initializer.Function!.Descriptor.Length);
            writer.WriteBytes(initializer.Function.Descriptor.Span);
            writer.WriteBytes(initializer.Payload.Span);
        }
        transport!.Send(FrameKind.Hello, 0, body.WrittenSpan);
    }

    void IFrameReceiver.OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        var reader = new PayloadReader(body, null, shared?.Buffers);
        switch (kind)
        {
            case FrameKind.Ready:
                OnReady(ref reader);
                break;
            case FrameKind.Log:
                LogRecord record = dialect is null ? LogRecord.Read(ref reader) : dialect.ReadLog(ref reader);
                if (limits is { IsActive: true })
                    CountOutput(Encoding.UTF8.GetByteCount(record.Message) + 1);
                sink!.Write(record);
                break;
            case FrameKind.Stopped:
                process!.SamplePeakMemory();
                break;
            case FrameKind.Prepared when dialect is null:
                OnPrepared(id);
                break;
            case FrameKind.Failed when !ready.Task.IsCompleted:
                ready.TrySetException(StartFailure(RemoteFailure.Read(ref reader)));
                break;
            default:
                OnCallFrame(kind, CurrentCall(kind, id), ref reader);
                break;
        }
    }

    private void OnReady(ref PayloadReader reader)
    {
        if ((dialect?.ReadReady(ref reader) ?? Ready.Read(ref reader).ProcessId) != process!.Id || !ready.TrySetResult())
            throw new ProtocolViolationException("an answer to Hello that does not fit");
        Leftovers.SweepOnce(log);
    }

    private WorkerException StartFailure(RemoteFailure failure)
    {
        WorkerException start = dialect?.FailureOf(failure, null) ?? failure.ToException(name, "OnWorkerStart");
        start.WorkerName = name;
        return start;
    }

    /// <summary>A worker may speak only of calls it was given.</summary>
    private Call CurrentCall(FrameKind kind, long callId)
    {
        lock (gate)
        {
            if (interleaved.TryGetValue(callId, out Call? waiting) && kind is not (FrameKind.Begun or FrameKind.Interleaved))
                return waiting;
            if (current is not { } call || call.Id != callId)
                throw new ProtocolViolationException($"a {kind} frame for call {callId}, which it does not run");
            if (dialect is null ? begun == (kind == FrameKind.Begun) && (begun || kind != FrameKind.Cancelled) : begun && kind == FrameKind.Begun)
                throw new ProtocolViolationException($"a {kind} frame {(begun ? "after" : "before")} the begin of the call");
            begun |= kind == FrameKind.Begun;
            return call;
        }
    }

    private void OnCallFrame(FrameKind kind, Call call, ref PayloadReader reader)
    {
        switch (kind)
        {
            case FrameKind.Begun:
                if (!owner.OnBegun(this, call, (reader.ReadByte() & Protocol.DebuggerAttached) != 0))
                    Kill();   // the call ended while it was on its way, and may not run
                break;
            case FrameKind.ClockStarted or FrameKind.ClockStopped:
                OnClock(kind, call);
                break;
            case FrameKind.Result:
                if (call is not QuickCall { Sequence: > 0 })
                    CheckClockOfResult(call);
                Finish(call, call.Decode(ref reader));
                break;
            case FrameKind.Failed:
                OnFailed(call, RemoteFailure.Read(ref reader));
                break;
            case FrameKind.Cancelled:
                Finish(call, Outcome.Cancelled);
                break;
            case FrameKind.NotPortable:
                Finish(call, Outcome.Failed(new NotPortableException(reader.ReadString() ?? "The result", reader.ReadString() ?? "")));
                break;
            case FrameKind.TooLarge:
                Finish(call, Outcome.Failed(new PayloadTooLargeException($"The result of {call.Name}", reader.ReadInt64(), reader.ReadInt64())));
                break;
            case FrameKind.Unavailable:
                OnUnavailable(call, ref reader);
                break;
            case FrameKind.Progress:
                OnProgress(call, ref reader);
                break;
            case FrameKind.StreamItem:
                call.DecodeItem(ref reader);
                break;
            case FrameKind.Interleaved when dialect is not null:
                lock (gate)
                {
                    interleaved.Add(call.Id, call);
                    current = null;
                }
                owner.OnInterleaved(this, call);
                break;
            case FrameKind.WantMemory or FrameKind.MemoryKept when dialect is not null:
                dialect.OnMemory(kind, call, ref reader);
                break;
            default:
                throw new ProtocolViolationException($"a {kind} frame, which only a host sends");
        }
    }

    private void OnFailed(Call call, RemoteFailure failure)
    {
        if (dialect is not null)
        {
            Finish(call, Outcome.Failed(dialect.FailureOf(failure, call)));
            return;
        }
        var remote = failure.ToException(name, call.Name);
        if (limits is { IsActive: true } && limits.Explain(failure) is { } reached)
        {
            Finish(call, Outcome.Failed(reached.ToFailure(call.Name, settings.IsReplaced, remote)), unfit: true);
            return;
        }
        if (failure.TypeName != typeof(OutOfMemoryException).FullName)
        {
            bool lost = failure.TypeName == typeof(StateLostException).FullName;
            Finish(call, Outcome.Failed(lost ? new StateLostException(failure.Message, remote) : remote));
            return;
        }
        long limit = settings.ManagedHeapLimitBytes ?? 0;
        string text = limit > 0
            ? $"{call.Name} reached the managed heap limit of its worker ({limit} bytes). Raise ManagedHeapLimitBytes, or give it less at once."
            : $"{call.Name} ran out of memory. Give the machine or container more, or give it less at once.";
        Finish(call, Outcome.Failed(new MemoryLimitException(settings.IsReplaced ? $"{text} The worker was replaced." : text, limit, innerException: remote)), unfit: true);
    }

    private void OnUnavailable(Call call, ref PayloadReader reader)
    {
        Unavailable unavailable = Unavailable.Read(ref reader);
        Finish(call, Outcome.Failed(new FunctionUnavailableException(unavailable.Detail, unavailable.Reason, unavailable.AssemblyName)));
    }

    private void OnProgress(Call call, ref PayloadReader reader)
    {
        int index = reader.ReadInt32();
        if (call.Scope is not { } scope)
            throw new ProtocolViolationException("a report of progress that nobody asked for");
        if (scope.Report(index, ref reader) is { } failure)
            CallEvents.ProgressSinkThrew(log, failure, call.Name);
    }

    private void Finish(Call call, Outcome outcome, bool unfit = false)
    {
        if (EndLimits(call, outcome.Failure) is { } late)
            (outcome, unfit) = (late, true);
        if (call is QuickCall { Sequence: > 0 } quick)
        {
            if (quick is not BatchCall batch)
            {
                owner.OnQuickFinished(this, quick, outcome, unfit);
                return;
            }
            if (outcome.Failure is WorkerException failure)
                (failure.CallName, failure.WorkerName) = (call.Name, name);
            batch.FailItem(outcome);
            if (unfit)
                owner.OnQuickFinished(this, batch, batch.CountAnswer() ? null : outcome, unfit);
            else
                CountAnswer(batch);
            return;
        }
        lock (gate)
        {
            if (!interleaved.Remove(call.Id))
                current = null;
            clocks.Remove(call.Id);
            interruption?.Forget(call.Id);
        }
        owner.OnFinished(this, call, outcome, unfit || call.EndsWorker);
    }
}
