using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>Quick calls on their way to the worker: handed over in order, each with the next numbers, and taken back. Thread-safe.</summary>
internal sealed class QuickRequests(SharedLane lane, CallsUnderWay underWay, StreamUnderWay stream, Func<StreamItems, long, IStreamWorker> attend)
{
    public const int LongestHead = SliceHead.Size;

    private readonly HashSet<int> registered = [];
    private int lastFunction;

    /// <summary>Is told of each function that the worker was told of here. Takes no lock but its own.</summary>
    public Action<Function>? OnRegistered { get; set; }

    /// <summary>The worker knows the function.</summary>
    public void MarkRegistered(int function)
    {
        lock (lane.End.Gate)
            registered.Add(function);
    }

    /// <summary>Hands a quick call over; nothing, once the connection has ended: the call ends with its worker. Returns why it cannot be handed over.</summary>
    public Exception? Offer(QuickCall call)
    {
        Span<byte> head = stackalloc byte[LongestHead];
        Function function = call.Function!;
        var batch = call as BatchCall;
        FrameKind kind = batch is null ? FrameKind.QuickCall : batch.Slice is null ? FrameKind.QuickBatch : FrameKind.QuickSlice;
        head = head[..WriteHead(head, call, kind, out byte flags)];
        RequestSegment? segment = null;
        if (head.Length + call.Payload.Length > lane.LargestInRing)
        {
            segment = SegmentOf(call);
            if (segment is null)
                return lane.End.IsClosed || lane.Channel.HasEnded() ? null : LaneRequests.NoMemory(call.Payload.Length);
        }
        try
        {
            return Send(call, function, kind, flags, head, segment);
        }
        finally
        {
            if (segment is not null && batch is not null)
                segment.Release();   // the worker copies it as it takes it
        }
    }

    /// <summary>The memory of this worker that the payload lies in: from the beginning, if the call was expected to come here, else it is copied.</summary>
    private RequestSegment? SegmentOf(QuickCall call)
    {
        if (call.Room is RequestSegment room && room.Owner == lane.RequestSegments)
            return room;
        if (call.SentIn is RequestSegment sent && sent.Owner == lane.RequestSegments)
            return sent;
        if (lane.RequestSegments.TryRent(call.Payload.Length, isNeeded: true) is not { } segment)
            return null;
        call.Payload.Span.CopyTo(segment.GetSpan());
        if (call is not BatchCall)
            call.SentIn = segment;
        return segment;
    }

    private InsufficientMemoryException? Send(QuickCall call, Function function, FrameKind kind, byte flags, Span<byte> head, RequestSegment? segment)
    {
        lock (lane.End.Gate)
        {
            if (lane.End.IsClosed)
                return null;
            if (function.Id != lastFunction && registered.Add(function.Id))
            {
                lane.Prepare(FrameKind.Register, function.Id, function.Descriptor.Span);
                if (!function.IsPassedOn)   // as those of frames
                    OnRegistered?.Invoke(function);
            }
            lastFunction = function.Id;
            if (call.Watch?.Span is { } span && TraceContext.Of(span) is { } trace)
            {
                lane.Prepare(FrameKind.Trace, 0, trace.Write());
                flags |= RingRecord.Traced;
            }
            long before = lane.Numbers.Offered;
            int count = call.Count;
            long number = before + count;
            (call.First, call.Sequence) = (before + 1, number);
            if (call.IsAttended)
                call.AttendedAs = call.Sequence;
            underWay.Add(call);   // before the worker can answer it
            if (call.Items is { } items)
            {
                stream.Open(items, call.Sequence);
                items.Worker = attend(items, call.Sequence);
            }
            try
            {
                if (kind == FrameKind.QuickSlice && !TryPlace((BatchCall)call, head))
                {
                    Withdraw(call);
                    return null;
                }
                call.WokeWorker = lane.Offer(kind, flags, count, head, call.Payload, segment);
                if (call.CancelRequested)
                    lane.Cancel(number);   // before it had one, perhaps: the offer is a full fence, so that who cancels sees the number, or is seen here
                return null;
            }
            catch (InsufficientMemoryException e)
            {
                Withdraw(call);
                return e;
            }
        }
    }

    /// <summary>It was not handed over after all: its numbers are the next one's.</summary>
    private void Withdraw(QuickCall call)
    {
        underWay.RemoveLast();
        (call.First, call.Sequence) = (0, 0);
    }

    /// <summary>What has not begun, shall not. False: the worker has not yet answered the last recall, or the connection has ended.</summary>
    public bool TryRecall(out long first, out long last)
    {
        lock (lane.End.Gate)
        {
            if (!lane.TryRecall(out first, out last))
                return false;
            underWay.RemoveFrom(first);
            lane.Resume(last);
            return true;
        }
    }

    /// <summary>Puts the inputs where the worker sees them. False: the connection has ended.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory for them.</exception>
    private bool TryPlace(BatchCall batch, Span<byte> head)
    {
        SliceShape shape = batch.Slice!.Value;
        if (lane.RentSlice(SliceHead.LengthOf(batch.Count, shape.InputBytes, shape.ResultBytes, out int results, out int failures)) is not { } slice)
            return false;
        batch.Place(slice, results, failures);
        MemoryMarshal.Write(head, new SliceHead(batch.Function!.Id, batch.Count, slice.Id, results, failures, shape.BindOnce ? 1 : 0));
        return true;
    }

    /// <summary>What stands before the payload, and what says so. Returns its length.</summary>
    private static int WriteHead(Span<byte> head, QuickCall call, FrameKind kind, out byte flags)
    {
        flags = (byte)((call.IsAttended ? RingRecord.Attended : 0) | (call.IsTimed ? RingRecord.Timed : 0));
        if (kind == FrameKind.QuickSlice)
            return SliceHead.Size;   // known when it has its place
        BinaryPrimitives.WriteInt32LittleEndian(head, call.Function!.Id);
        int length = sizeof(int);
        if (call is BatchCall)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head[length..], call.Count);
            length += sizeof(int);
        }
        if (call is JoinedCalls)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head[length..], RingRecord.OwnCaptures);
            length += sizeof(int);
        }
        if (call.InstanceId != 0)
        {
            flags |= RingRecord.OnObject;
            BinaryPrimitives.WriteInt64LittleEndian(head[length..], call.InstanceId);
            length += sizeof(long);
        }
        if (call.Attempt > 1)
        {
            flags |= RingRecord.Repeated;
            BinaryPrimitives.WriteInt32LittleEndian(head[length..], call.Attempt);
            length += sizeof(int);
        }
        return length;
    }
}
