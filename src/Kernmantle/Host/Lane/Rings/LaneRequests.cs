using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>What goes to the worker. Nothing here waits for it: what finds no room waits in a queue. Its owner holds <see cref="LaneEnd.Gate"/>.</summary>
internal sealed unsafe class LaneRequests(LaneMemory memory, LaneEnd end, LaneChannel channel, RequestSegments segments)
{
    private readonly LinkWords* words = memory.Words;
    private readonly RingWriter ring = memory.Requests;
    private readonly Queue<Waiting> overflow = new();

    /// <summary>The largest body that goes through the ring itself.</summary>
    public int LargestBody => ring.LargestBody;

    /// <summary>Something waits for room. Needs no lock.</summary>
    public bool HaveOverflown => overflow.Count > 0;

    /// <exception cref="InsufficientMemoryException">There is no memory for so large a body.</exception>
    public void Write(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload)
    {
        if (head.Length + payload.Length > ring.LargestBody)
        {
            WriteLarge(kind, flags, id, head, payload.Span);
            return;
        }
        Write(kind, flags, id, head, payload, null);
    }

    /// <summary>A payload that lies in a segment already: before it there is room for a head of up to <see cref="Segment.HeadRoom"/> bytes.</summary>
    public void Write(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, RequestSegment segment, int payload)
    {
        int start = Segment.StartOf(head.Length);
        head.CopyTo(segment.At(start, head.Length));
        segment.TakenAt = long.MaxValue;   // until it is known where its record ends
        var reference = new SegmentRequest(segment.Id, start, head.Length + payload);
        Write(kind, (byte)(flags | RingRecord.InSegment), id, MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentRequest>(in reference)), default, segment);
    }

    private void Write(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload, RequestSegment? segment)
    {
        if (overflow.Count == 0 && TryWrite(kind, flags, id, head, payload.Span, segment))
            return;
        overflow.Enqueue(new(kind, flags, id, head.ToArray(), payload, segment));
        Volatile.Write(ref words->HostBlocked, 1);
        Interlocked.MemoryBarrier();
        FlushOverflow();   // room that came between the look and the flag would not be announced
    }

    /// <summary>Writes what waited for room, as far as there is some now.</summary>
    public void FlushOverflow()
    {
        while (overflow.TryPeek(out Waiting? waiting) && TryWrite(waiting.Kind, waiting.Flags, waiting.Id, waiting.Head, waiting.Payload.Span, waiting.Segment))
            overflow.Dequeue();
        if (overflow.Count == 0)
            Volatile.Write(ref words->HostBlocked, 0);
    }

    /// <summary>Returns whether it slept.</summary>
    public bool WakeWorker()
    {
        if (Volatile.Read(ref words->WorkerWaiting) == 0 || Interlocked.Exchange(ref words->WorkerWaiting, 0) == 0)
            return false;   // awake, or rung for already and not awake yet
        Futex.Signal(ref words->WorkerBell);
        return true;
    }

    public void Close() => overflow.Clear();

    private bool TryWrite(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, RequestSegment? segment)
    {
        int length = head.Length + payload.Length;
        byte* body;
        try
        {
            if (!ring.TryReserve(length, out body))
                return false;
        }
        catch (ProtocolViolationException e)
        {
            end.Fail(e);   // the sender is not to blame: this frame is dropped, like all that come after the end
            return true;
        }
        var space = new Span<byte>(body, length);
        head.CopyTo(space);
        payload.CopyTo(space[head.Length..]);
        ring.Publish(length, kind, flags, id);
        segment?.TakenAt = ring.Written;
        return true;
    }

    /// <summary>Copies the body into a segment, whose reference goes through the ring.</summary>
    private void WriteLarge(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        int length = head.Length + payload.Length;
        if (segments.TryRent(length, isNeeded: true) is not { } segment)
        {
            if (end.IsClosed || channel.HasEnded())
                return;
            throw NoMemory(length);
        }
        payload.CopyTo(segment.At(Segment.StartOf(head.Length) + head.Length, payload.Length));
        Write(kind, flags, id, head, segment, payload.Length);
        segment.Release();   // it is the worker's until that has read it
    }

    public static InsufficientMemoryException NoMemory(int length) =>
        new($"{length} bytes of shared memory for a call's arguments could not be had. Send less, in parts, or give the machine or its container more memory.");

    private sealed record Waiting(FrameKind Kind, byte Flags, long Id, byte[] Head, ReadOnlyMemory<byte> Payload, RequestSegment? Segment);
}
