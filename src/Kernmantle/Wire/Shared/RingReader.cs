namespace Kernmantle.Wire.Shared;

/// <summary>The one consumer of a ring. What the other side wrote is read once, and checked, before it is used. Its owner locks; looking needs no lock.</summary>
/// <param name="ring">The ring, mapped twice in a row.</param>
/// <param name="capacity">Its bytes, a power of two.</param>
/// <param name="head">Where it says how far it has taken.</param>
internal sealed unsafe class RingReader(byte* ring, int capacity, long* head)
{
    private readonly int largestBody = RingRecord.LargestBody(capacity);
    private long position;

    /// <summary>How far it has taken.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>How much of an open record has been taken, by the consumer.</summary>
    public int TakenOfOpen { get; set; }

    /// <summary>Whether there is something to take: a record, or something new in one that is still open.</summary>
    public bool HasRecord
    {
        get
        {
            byte* record = ring + (Volatile.Read(ref position) & (capacity - 1));
            var header = new RecordHeader(Volatile.Read(ref *(long*)record));
            return header.Kind is not (FrameKind.QuickItems or FrameKind.StreamItems) ? header.Bits != 0 : new OpenRecord(record + RingRecord.BodyOffset).HasMoreThan(TakenOfOpen);
        }
    }

    /// <summary>The next record, if there is one. Its body is still the other side's to change.</summary>
    /// <exception cref="ProtocolViolationException">No correct peer writes such a record.</exception>
    public bool TryPeek(out RecordHeader header, out long id, out byte* body)
    {
        byte* record = ring + (position & (capacity - 1));
        header = new(Volatile.Read(ref *(long*)record));
        id = *(long*)(record + 8);
        body = record + RingRecord.BodyOffset;
        if (header.Bits == 0)
            return false;
        if (!FrameHeader.IsKnownInRing(header.Kind))
            throw new ProtocolViolationException($"A frame of unknown kind {(byte)header.Kind}.");
        if (header.Length > largestBody)
            throw new ProtocolViolationException($"A {header.Kind} record of {header.Length} bytes; at most {largestBody} are allowed.");
        if (id < 0)
            throw new ProtocolViolationException($"A {header.Kind} frame with the negative id {id}.");
        return true;
    }

    /// <summary>Gives back the room of the record that was looked at.</summary>
    public void Advance(in RecordHeader header)
    {
        long next = position + RingRecord.SizeOf((int)header.Length);
        TakenOfOpen = 0;
        Volatile.Write(ref position, next);
        Volatile.Write(ref *head, next);
    }
}
