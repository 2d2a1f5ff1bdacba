using System.Runtime.InteropServices;
using System.Text;
using Kernmantle.Functions;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Host.Sweep;
using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.SharedBuffers;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane.Link;

/// <summary>What the worker may say, and what it means. What the protocol does not allow at this moment is thrown, and ends the worker.</summary>
internal sealed class LinkReceiver(LinkContext link, LinkCalls calls, LinkClock clock, LinkFunctions functions, LinkLimits limits, LinkEnds ends, LinkSender sender, LinkObjects objects) : IQuickReceiver
{
    void IFrameReceiver.OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        var reader = new PayloadReader(body, null, link.Shared?.Buffers as IBufferScope ?? objects);
        switch (kind)
        {
            case FrameKind.Ready:
                OnReady(ref reader);
                break;
            case FrameKind.Log:
                LogRecord record = link.Dialect is null ? LogRecord.Read(ref reader) : link.Dialect.ReadLog(ref reader);
                if (limits.AreActive)
                    limits.CountOutput(Encoding.UTF8.GetByteCount(record.Message) + 1);
                link.Sink!.Write(record);
                break;
            case FrameKind.Span when link.Dialect is not { TakesTraces: false }:
                Recorder.Add(new WorkerSpan(SpanRecord.Read(ref reader), body.Length, link.Name, link.Process!.Id, link.Settings.ListenerFailures));
                break;
            case FrameKind.Stopped:
                link.Process!.SamplePeakMemory();
                break;
            case FrameKind.DropObject when link.Dialect is not null:
                link.Dialect.OnObjectDropped(ref reader);
                break;
            case FrameKind.Prepared when link.Dialect is null:
                functions.OnPrepared(id);
                break;
            case FrameKind.Describe or FrameKind.ObjectCall or FrameKind.CancelObjectCall when link.Dialect is null:
                objects.OnFrame(kind, id, ref reader);
                break;
            case FrameKind.Failed when !link.Ready.Task.IsCompleted:
                link.Ready.TrySetException(StartFailure(RemoteFailure.Read(ref reader)));
                break;
            default:
                OnCallFrame(kind, Find(kind, id), ref reader);
                break;
        }
    }

    void IQuickReceiver.OnQuickResult(QuickCall call, ReadOnlySpan<byte> body, bool isOwn, List<QuickCall> run)
    {
        var reader = new PayloadReader(body, null, link.Shared!.Buffers);
        call.Taker = link.Worker;
        if (call is BatchCall batch)
        {
            CheckTakesAnswers(batch);
            batch.ReadResult(ref reader);
            if (ends.CountAnswer(batch))
                run.Add(batch);
            return;
        }
        if (limits.End(call, null) is { } late)
        {
            ends.FinishQuick(call, late, unfit: true);
            return;
        }
        Outcome? failure = null;
        if (call.IsPlain)
            call.ReadResult(ref reader);
        else if (isOwn || call.IsSynchronous)
            call.KeepResult(body);   // the thread of its caller reads it
        else
            failure = ReadResult(call, ref reader);
        if (failure is null)
            run.Add(call);
        else
            ends.FinishQuick(call, failure);
    }

    void IQuickReceiver.OnQuickItems(BatchCall call, int item, int count, ReadOnlySpan<byte> answers, List<QuickCall> run)
    {
        call.Taker = link.Worker;
        CheckTakesAnswers(call);
        if (ends.CountAnswers(call, item, count, answers))
            run.Add(call);
    }

    private static void CheckTakesAnswers(BatchCall batch)
    {
        if (batch.Slice is not null)
            throw new ProtocolViolationException("an answer to an item whose result lies elsewhere");
    }

    void IQuickReceiver.OnQuickEnded(List<QuickCall> run) => link.Owner.OnQuickSucceeded(link.Worker, run);

    void IQuickReceiver.OnSliceEnd(BatchCall call, ReadOnlySpan<byte> body, List<QuickCall> run)
    {
        if (call.Slice is null || body.Length != sizeof(long))
            throw new ProtocolViolationException("the end of a slice that is none");
        call.Taker = link.Worker;
        if (MemoryMarshal.Read<long>(body) is > 0 and var nanoseconds)
            call.Function!.Duration.Sample(nanoseconds / 1000.0, call.Answering + 1);
        call.Reap(call.First + call.Answering, isOver: true);
        if (ends.CountAnswer(call))
            run.Add(call);
    }

    void IQuickReceiver.OnQuickEnd(QuickCall call, FrameKind kind, ReadOnlySpan<byte> body)
    {
        if (kind is not (FrameKind.Failed or FrameKind.Cancelled or FrameKind.NotPortable or FrameKind.TooLarge or FrameKind.Unavailable))
            throw new ProtocolViolationException($"a quick call that ends with a {kind} frame");
        var reader = new PayloadReader(body);
        OnCallFrame(kind, call, ref reader);
    }

    private Call Find(FrameKind kind, long id)
    {
        lock (link.Gate)
            return calls.Find(kind, id);
    }

    private void OnReady(ref PayloadReader reader)
    {
        if ((link.Dialect?.ReadReady(ref reader) ?? Ready.Read(ref reader).ProcessId) != link.Process!.Id || !link.Ready.TrySetResult())
            throw new ProtocolViolationException("an answer to Hello that does not fit");
        link.Process.SamplePeakMemory();   // of one that dies without a word that is all there is to know
        Leftovers.SweepOnce(link.Log);
    }

    private WorkerException StartFailure(RemoteFailure failure)
    {
        string what = link.Dialect is null ? "OnWorkerStart" : "The start of a worker (PythonPoolOptions.Setup, if there is any)";
        failure = failure with { Message = $"{what} failed with {failure.TypeName}: {failure.Message}" };
        WorkerException start = link.Dialect?.FailureOf(failure, null) ?? failure.ToException(link.Name, "OnWorkerStart");
        start.WorkerName = link.Name;
        return start;
    }

    private void OnCallFrame(FrameKind kind, Call call, ref PayloadReader reader)
    {
        switch (kind)
        {
            case FrameKind.Begun:
                if (!link.Owner.OnBegun(link.Worker, call, (reader.ReadByte() & Protocol.DebuggerAttached) != 0))
                    link.Worker.Kill();   // the call ended while it was on its way, and may not run
                break;
            case FrameKind.ClockStarted or FrameKind.ClockStopped:
                clock.OnFrame(kind, call);
                break;
            case FrameKind.Result:
                if (call is not QuickCall { Sequence: > 0 })
                    clock.CheckResult(call);
                ends.Finish(call, Decode(call, ref reader));
                break;
            case FrameKind.Failed:
                ends.Fail(call, RemoteFailure.Read(ref reader));
                break;
            case FrameKind.Cancelled:
                ends.Finish(call, Outcome.Cancelled);
                break;
            case FrameKind.NotPortable:
                ends.Finish(call, Outcome.Failed(new NotPortableException(reader.ReadString() ?? "The result", reader.ReadString() ?? "")));
                break;
            case FrameKind.TooLarge:
                ends.Finish(call, Outcome.Failed(new PayloadTooLargeException($"The result of {call.Name}", reader.ReadInt64(), reader.ReadInt64())));
                break;
            case FrameKind.Unavailable:
                OnUnavailable(call, ref reader);
                break;
            case FrameKind.Progress:
                OnProgress(call, ref reader);
                break;
            case FrameKind.StreamItem:
                OnItem(call, ref reader);
                break;
            case FrameKind.Interleaved when link.Dialect is not null:
                lock (link.Gate)
                {
                    if (call.Limits is null)
                        calls.Interleave(call);
                }
                link.Owner.OnInterleaved(link.Worker, call);
                break;
            case FrameKind.WantMemory or FrameKind.MemoryKept when link.Dialect is not null:
                link.Dialect.OnMemory(kind, call, ref reader);
                break;
            default:
                throw new ProtocolViolationException($"a {kind} frame, which only a host sends");
        }
    }

    /// <summary>Runs the program's code: how the call failed by that, if so.</summary>
    private Outcome? ReadResult(QuickCall call, ref PayloadReader reader)
    {
        try
        {
            call.ReadResult(ref reader);
            return null;
        }
        catch (InvalidPayloadException e) when (UnreadResult.FailureOf(e, link.Name, call.Name) is { } failure)
        {
            return Outcome.Failed(failure);
        }
    }

    private Outcome Decode(Call call, ref PayloadReader reader)
    {
        try
        {
            return call.Decode(ref reader);
        }
        catch (InvalidPayloadException e) when (UnreadResult.FailureOf(e, link.Name, call.Name) is { } failure)
        {
            return Outcome.Failed(failure);
        }
    }

    /// <summary>Of a stream: one that cannot be made ends it, which the worker is asked to do.</summary>
    private void OnItem(Call call, ref PayloadReader reader)
    {
        if (ends.IsDecided(call, out _))
            return;   // written before it has heard of that
        try
        {
            call.DecodeItem(ref reader);
        }
        catch (InvalidPayloadException e) when (UnreadResult.FailureOf(e, link.Name, call.Name) is { } failure)
        {
            ends.Decide(call, Outcome.Failed(failure));
            sender.Cancel(call);
        }
    }

    private void OnUnavailable(Call call, ref PayloadReader reader)
    {
        Unavailable unavailable = Unavailable.Read(ref reader);
        ends.Finish(call, Outcome.Failed(new FunctionUnavailableException(unavailable.Detail, unavailable.Reason, unavailable.AssemblyName)));
    }

    private void OnProgress(Call call, ref PayloadReader reader)
    {
        int index = reader.ReadInt32();
        if (call.Scope is not { } scope)
            throw new ProtocolViolationException("a report of progress that nobody asked for");
        if (Report(call, scope, index, ref reader) is { } failure)
            CallEvents.ProgressSinkThrew(link.Log, failure, call.Name);
    }

    /// <summary>Runs the program's code, to make the report and in its sink: what that threw, if it did.</summary>
    private Exception? Report(Call call, CallScope scope, int index, ref PayloadReader reader)
    {
        try
        {
            return scope.Report(index, ref reader);
        }
        catch (InvalidPayloadException e) when (UnreadResult.FailureOf(e, link.Name, call.Name) is { } failure)
        {
            return failure;
        }
    }
}
