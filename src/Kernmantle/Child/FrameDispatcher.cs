using Kernmantle.Child.Lane;
using Kernmantle.Child.Objects;
using Kernmantle.Child.Traces;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>The reader thread's half: cancels and grants credit at once, whatever user code is doing; puts the rest in line for the main thread.</summary>
internal sealed class FrameDispatcher(WorkQueue queue, ActiveCalls calls, FunctionTable functions, ObjectCalls objects, ArrivingTraces traces, WorkerRings? rings = null) : IFrameReceiver, IQuickCallReceiver
{
    /// <summary>Cancels the quick call of that number, if it runs.</summary>
    public Action<long>? QuickCancel { get; set; }

    private bool greeted;
    private bool stopped;

    public void OnQuickCall(FrameKind kind, byte flags, long sequence, ReadOnlySpan<byte> body)
    {
        TraceContext? trace = (flags & RingRecord.Traced) != 0 ? traces.TakeNext() : null;
        if (!stopped)
            queue.Add(new Work.Quick(kind, flags, sequence, body.ToArray(), trace));
    }

    public void OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        if (!greeted && kind != FrameKind.Hello)
            throw new ProtocolViolationException($"A {kind} frame before Hello.");
        if (stopped && kind is not (FrameKind.ObjectAnswer or FrameKind.MemoryAnswer))   // a call that runs on may wait for one
            return;
        var reader = new PayloadReader(body);
        switch (kind)
        {
            case FrameKind.Hello when !greeted:
                greeted = true;
                queue.Add(new Work.Greet(body.ToArray()));
                break;
            case FrameKind.Register:
                functions.Register(checked((int)id), body);
                break;
            case FrameKind.Prepare:
                queue.Add(new Work.Prepare(checked((int)id)));
                break;
            case FrameKind.Trace:
                traces.Add(id, TraceContext.Read(body));
                break;
            case FrameKind.Call:
            case FrameKind.ReleaseInstance:
                queue.Add(new Work.Run(new IncomingCall(calls.Add(id), kind == FrameKind.ReleaseInstance, body, rings?.Blocks) { Trace = traces.Take(id) }));
                break;
            case FrameKind.CancelCall:
                calls.Find(id)?.Cancel();
                break;
            case FrameKind.CancelQuick when rings is not null:
                QuickCancel?.Invoke(id);
                break;
            case FrameKind.CancelToken:
                calls.Find(id)?.CancelCrossed(reader.ReadInt32());
                break;
            case FrameKind.ObjectAnswer:
                objects.OnAnswer(id, body);
                break;
            case FrameKind.MemoryAnswer when rings is not null:
                rings.Blocks.OnAnswer(id, body);
                break;
            case FrameKind.StreamCredit:
                calls.Find(id)?.AddCredit(reader.ReadInt32());
                break;
            case FrameKind.Resume when rings is not null:
                queue.Add(new Work.Resume(id));   // the main thread may be amid items that were taken back: it must find that they were
                break;
            case FrameKind.Stop:
                stopped = true;
                calls.CancelAll();
                queue.Add(new Work.Stop());
                break;
            default:
                throw new ProtocolViolationException($"A {kind} frame from the host.");
        }
    }
}
