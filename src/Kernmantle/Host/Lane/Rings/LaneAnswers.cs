using System.Buffers.Binary;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>
/// What the worker wrote, taken by one at a time. Everything is copied before it is looked at, since the worker could change it while it is being
/// checked; what is in a segment is not, and its readers read each length once.
/// </summary>
internal sealed unsafe class LaneAnswers(LaneMemory memory, LaneEnd end, AnswerSegments segments)
{
    private readonly LinkWords* words = memory.Words;
    private readonly RingReader ring = memory.Answers;
    private byte[] scratch = new byte[1024];
    private byte* peeked;
    private int filled;
    private long nextItem;

    /// <summary>There is something to take. By anybody who has the memory.</summary>
    public bool HasRecord => ring.HasRecord;

    /// <summary>How far it was taken. By anybody.</summary>
    public long Position => ring.Position;

    /// <summary>How far it can be taken at once: a worker can keep its ring full for ever.</summary>
    public long Around => ring.Position + memory.RingBytes;

    /// <summary>The next record, if there is one.</summary>
    /// <exception cref="ProtocolViolationException">No correct worker writes such a record.</exception>
    public bool TryPeek(out RecordHeader header, out long id) => ring.TryPeek(out header, out id, out peeked);

    /// <summary>Takes the record that was looked at. Its body is valid until the next one is taken.</summary>
    public ReadOnlySpan<byte> Take(in RecordHeader header)
    {
        ReadOnlySpan<byte> body = Copy(peeked, (int)header.Length);
        ring.Advance(header);
        return body;
    }

    /// <summary>
    /// The record that was looked at holds answers, and may be open still: looks what there is. Returns, if there will be no more in it, how long its calls took on average, in
    /// nanoseconds; else 0.
    /// </summary>
    /// <param name="header">Of the record.</param>
    /// <param name="first">The number of its first answer.</param>
    /// <exception cref="ProtocolViolationException">No correct worker writes such a record.</exception>
    public int LookAtItems(in RecordHeader header, long first)
    {
        if (header.Length < OpenRecord.HeadSize)
            throw new ProtocolViolationException($"a record of answers of {header.Length} bytes");
        int closed = new OpenRecord(peeked).Look(out filled);
        int seen = ring.TakenOfOpen;
        if (filled < seen || filled > header.Length - OpenRecord.HeadSize)
            throw new ProtocolViolationException($"answers of {filled} bytes in a record of {header.Length}, {seen} of them taken");
        if (seen == 0)
            nextItem = first;
        return closed;
    }

    /// <summary>After that: all the answers that are new, one after the other, each behind its length; none, if there are none. Valid until more are taken.</summary>
    /// <param name="number">Of the first.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ProtocolViolationException">No correct worker writes such a record.</exception>
    public ReadOnlySpan<byte> TakeItems(out long number, out int count)
    {
        int seen = ring.TakenOfOpen;
        ReadOnlySpan<byte> all = Copy(new OpenRecord(peeked).At(seen), filled - seen);
        (number, count) = (nextItem, 0);
        for (int at = 0; at < all.Length; count++)
        {
            int length = all.Length - at >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(all[at..]) : -1;
            at += sizeof(int);
            if (length < 0 || length > all.Length - at)
                throw new ProtocolViolationException($"an answer of {length} bytes in a record with {all.Length - at} left");
            at += length;
        }
        ring.TakenOfOpen = filled;
        nextItem += count;
        return all;
    }

    /// <summary>The record that was looked at has been taken, answer by answer: gives back its room.</summary>
    public void EndItems(in RecordHeader header) => ring.Advance(header);

    /// <summary>The segment that a record names; null once the connection has ended. <see cref="Return"/> is to follow.</summary>
    /// <exception cref="ProtocolViolationException">It does not have such a one.</exception>
    public Segment? Find(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> body)
    {
        body = default;
        lock (end.Gate)
            return end.IsClosed ? null : segments.Find(record, out body);
    }

    /// <summary>What is in the segment has been read.</summary>
    public void Return(Segment segment)
    {
        lock (end.Gate)
            segments.Return(segment);
    }

    /// <summary>After something was taken.</summary>
    public void MakeRoomKnown()
    {
        Interlocked.MemoryBarrier();   // the new head, before the look at who waits for it
        if (Volatile.Read(ref words->WorkerBlocked) != 0)
            Futex.Signal(ref words->RoomBell);
    }

    /// <summary>The worker was not asked to ring for what it writes: the pump is at it, or is to be. By anybody who has the memory.</summary>
    public bool WillNotRing => words->HostWaiting == 0;

    /// <summary>By the pump, which looks: nobody need ring.</summary>
    public void StopRinging() => Volatile.Write(ref words->HostWaiting, 0);

    /// <summary>By the pump, before its last look: whatever arrives later rings the bell.</summary>
    public void AskToRing() => Interlocked.Exchange(ref words->HostWaiting, 1);

    private ReadOnlySpan<byte> Copy(byte* from, int length)
    {
        if (scratch.Length < length)
            scratch = new byte[Math.Max(length, scratch.Length * 2)];
        var copy = new Span<byte>(scratch, 0, length);
        new ReadOnlySpan<byte>(from, length).CopyTo(copy);
        return copy;
    }
}
