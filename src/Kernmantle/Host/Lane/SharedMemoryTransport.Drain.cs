using Kernmantle.Functions;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane;

/// <summary>Taking what the worker wrote. Whoever holds <see cref="draining"/> is the ring's one consumer; no user code runs then.</summary>
internal sealed unsafe partial class SharedMemoryTransport
{
    /// <summary>By the pump: takes what is there. True: look again.</summary>
    public bool Pump()
    {
        if (!TryTakeDraining())
        {
            pumpWanted = true;
            Interlocked.MemoryBarrier();
            if (!TryTakeDraining())
                return false;   // the thread that is draining sees the flag before it leaves
        }
        try
        {
            if (closed || receiver is null)
                return false;
            Volatile.Write(ref words->HostWaiting, 0);
            bool any = Drain(null);
            if (overflow.Count > 0)
                Flush();
            if (any)
                return true;
            Interlocked.Exchange(ref words->HostWaiting, 1);   // set before the last look, so that whatever arrives later rings the bell
            return responses.HasRecord && !inbox.IsBusy;   // the inbox kicks when it is done
        }
        finally
        {
            ReleaseDraining();
        }
    }

    /// <param name="own">The call that this thread attends: nobody need be woken for it.</param>
    private bool TryDrain(QuickCall? own = null)
    {
        if (!TryTakeDraining())
            return false;
        try
        {
            if (!closed && receiver is not null)
                Drain(own);
        }
        finally
        {
            ReleaseDraining();
        }
        return true;
    }

    private bool TryTakeDraining() => Interlocked.CompareExchange(ref draining, 1, 0) == 0;

    private void ReleaseDraining()
    {
        Interlocked.Exchange(ref draining, 0);
        if (!pumpWanted)
            return;
        pumpWanted = false;
        pump.Kick();
    }

    private bool Drain(QuickCall? own)
    {
        bool any = false;
        long end = responses.Position + ringBytes;   // a worker can keep its ring full for ever
        try
        {
            while (responses.Position < end && !failed.Task.IsCompleted && !inbox.IsFull && responses.TryPeek(out RecordHeader header, out long id, out byte* body))
            {
                if (header.Kind is FrameKind.QuickItems or FrameKind.StreamItems)
                {
                    bool closed = DrainItems(header, id, body, ref any);
                    if (!closed)
                        break;
                    responses.Advance(header);
                    any = true;   // at least there is room again
                    continue;
                }
                any = true;
                int length = (int)header.Length;
                if (scratch.Length < length)
                    scratch = new byte[Math.Max(length, scratch.Length * 2)];
                new ReadOnlySpan<byte>(body, length).CopyTo(scratch);   // copied: the worker could change it while it is being checked
                responses.Advance(header);
                if ((header.Flags & RingRecord.InSegment) != 0)
                    DeliverLarge(header, id, scratch.AsSpan(0, length), own);
                else
                    Deliver(header, id, scratch.AsSpan(0, length), own);
            }
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            failed.TrySetResult(e);
        }
        if (any)
            MakeRoomKnown();
        return any;
    }

    /// <summary>Takes what is new in a record of answers. True: there will be no more in it.</summary>
    private bool DrainItems(in RecordHeader header, long first, byte* body, ref bool any)
    {
        if (header.Length < OpenRecord.HeadSize)
            throw new ProtocolViolationException($"a record of answers of {header.Length} bytes");
        var record = new OpenRecord(body);
        int closed = record.Look(out int filled);
        int seen = responses.TakenOfOpen;
        if (filled < seen || filled > header.Length - OpenRecord.HeadSize)
            throw new ProtocolViolationException($"answers of {filled} bytes in a record of {header.Length}, {seen} of them taken");
        if (inbox.IsBusy)
            return false;   // what the calls logged comes first; the inbox calls when it is empty
        BatchCall? batch = null;
        StreamItems? stream = header.Kind == FrameKind.StreamItems ? StreamOf(first) : null;
        if (seen == 0)
            nextItem = first;
        while (seen < filled)
        {
            any = true;
            int length = filled - seen >= sizeof(int) ? *(int*)record.At(seen) : -1;
            seen += sizeof(int);
            if (length < 0 || length > filled - seen)
                throw new ProtocolViolationException($"an answer of {length} bytes in a record with {filled - seen} left");
            if (scratch.Length < length)
                scratch = new byte[Math.Max(length, scratch.Length * 2)];
            new ReadOnlySpan<byte>(record.At(seen), length).CopyTo(scratch);
            seen += length;
            responses.TakenOfOpen = seen;
            if (stream is not null)
            {
                stream.Take(scratch.AsSpan(0, length), this);
                continue;
            }
            batch = TakeAnswered(nextItem++) as BatchCall ?? throw new ProtocolViolationException("an answer among items to a call that is none");
            ((IQuickReceiver)receiver!).OnQuickResult(batch, scratch.AsSpan(0, length), isOwn: false);
        }
        batch?.Progressed();
        stream?.Progressed();
        if (closed != 0)
            batch?.Function!.Duration.Sample(Math.Max(1, closed) / 1000.0);
        return closed != 0 || hasEnded;   // what its worker wrote behind it counts all the same, if that is dead
    }

    private void MakeRoomKnown()
    {
        Interlocked.MemoryBarrier();   // the new head, before the look at who waits for it
        if (Volatile.Read(ref words->WorkerBlocked) != 0)
            Futex.Ring(ref words->RoomBell);
    }

    private void Flush()
    {
        lock (sendGate)
        {
            if (closed)
                return;
            FlushOverflow();
            WakeWorker();
        }
    }

    /// <summary>Codecs read each length once and check it then, so that a worker that changes the bytes meanwhile changes no more than its result.</summary>
    private void DeliverLarge(in RecordHeader header, long id, ReadOnlySpan<byte> record, QuickCall? own)
    {
        Segment segment;
        ReadOnlySpan<byte> body;
        lock (sendGate)
        {
            if (closed)
                return;
            segment = segments.Find(record, out body);
        }
        try
        {
            Deliver(header, id, body, own);
        }
        finally
        {
            lock (sendGate)
                (segment.IsInUse, segment.IsHeld) = (false, false);
        }
    }

    private void Deliver(in RecordHeader header, long id, ReadOnlySpan<byte> body, QuickCall? own)
    {
        if (header.Kind == FrameKind.QuickItem && !inbox.IsBusy)
        {
            OnItem(id, body);
            return;
        }
        if (header.Kind is not (FrameKind.QuickResult or FrameKind.QuickEnd))
        {
            inbox.Post(header.Kind, id, body, null);
            return;
        }
        QuickCall call = TakeAnswered(id);
        if (header.Microseconds != RingRecord.NotMeasured && call.Items is null)   // how long a stream takes is its consumer's affair
            call.Function!.Duration.Sample(Math.Max(header.Microseconds, 0.5));
        if (header.Kind == FrameKind.QuickEnd || inbox.IsBusy || !(call.IsPlain || call.IsSynchronous || call == own))
            inbox.Post(header.Kind, id, body, call);   // what the call logged comes first
        else
            Answer(call, header.Kind, id, body, own);
    }

    /// <summary>An item of a stream that is too large for an open record.</summary>
    private void OnItem(long sequence, ReadOnlySpan<byte> body)
    {
        StreamItems stream = StreamOf(sequence);
        stream.Take(body, this);
        stream.Progressed();
    }

    private void Answer(QuickCall call, FrameKind kind, long sequence, ReadOnlySpan<byte> body, QuickCall? own)
    {
        if (call is BatchCall batch)
            batch.Answering = (int)(sequence - call.First);   // read again: waiting may have changed it
        bool overtaken = call.IsAttended && call != own;   // read now: the object may soon be reused for another call
        var quick = (IQuickReceiver)receiver!;
        if (kind == FrameKind.QuickResult)
            quick.OnQuickResult(call, body, isOwn: call == own);
        else if (body.IsEmpty)
            throw new ProtocolViolationException("the end of a call without its kind");
        else
            quick.OnQuickEnd(call, (FrameKind)body[0], body[1..]);
        (call as BatchCall)?.Progressed();
        if (overtaken)
            WakeCaller();   // the caller may be asleep
    }

    private void HandleLater(FrameKind kind, long id, ReadOnlyMemory<byte> body, QuickCall? call)
    {
        if (failed.Task.IsCompleted)
            return;
        try
        {
            if (call is not null)
                Answer(call, kind, id, body.Span, null);
            else if (kind == FrameKind.QuickItem)
                OnItem(id, body.Span);
            else if (kind is FrameKind.WantSegment or FrameKind.WantBuffer or FrameKind.BufferReleased)
                OnMemoryFrame(kind, id);
            else
                receiver!.OnFrame(kind, id, body.Span);
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            failed.TrySetResult(e);
        }
    }
}
