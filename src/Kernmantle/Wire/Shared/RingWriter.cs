namespace Kernmantle.Wire.Shared;

/// <summary>
/// The one producer of a ring. A record is invisible until its header is written, in one store: before that the header of
/// the place behind it is cleared, so that the other side always finds 0 where nothing has been written yet, and needs no
/// second word to know how far it may read. Its owner locks.
/// </summary>
/// <param name="ring">The ring, mapped twice in a row.</param>
/// <param name="capacity">Its bytes, a power of two.</param>
/// <param name="head">How far the other side has taken: written by it, and believed only as far as it can be true.</param>
internal sealed unsafe class RingWriter(byte* ring, int capacity, long* head)
{
    private long tail;
    private long knownHead;

    /// <summary>The largest body that is written here.</summary>
    public int LargestBody { get; } = RingRecord.LargestBody(capacity);

    /// <summary>How far it has written.</summary>
    public long Written => tail;

    /// <summary>The other side says that it has taken what was written up to there: it is believed only where a lie harms nobody but itself.</summary>
    public bool IsTaken(long position) => Volatile.Read(ref *head) >= position;

    /// <summary>The body of the next record, if there is room for it.</summary>
    /// <exception cref="ProtocolViolationException">The other side says that it has taken what it cannot have.</exception>
    public bool TryReserve(int length, out byte* body)
    {
        int size = RingRecord.SizeOf(length);
        body = ring + (tail & (capacity - 1)) + RingRecord.BodyOffset;
        if (tail + size + RingRecord.Alignment - knownHead <= capacity)
            return true;
        long seen = Volatile.Read(ref *head);
        if (seen < knownHead || seen > tail)
            throw new ProtocolViolationException($"A ring read up to {seen}; it was read up to {knownHead} and written up to {tail}.");
        knownHead = seen;
        return tail + size + RingRecord.Alignment - knownHead <= capacity;
    }

    /// <summary>Publishes the record whose body was written. A full fence: what follows sees whether the other side waits.</summary>
    public void Publish(int length, FrameKind kind, byte flags, long id, ushort microseconds = RingRecord.NotMeasured)
    {
        byte* record = ring + (tail & (capacity - 1));
        tail += RingRecord.SizeOf(length);
        *(long*)(ring + (tail & (capacity - 1))) = 0;
        *(long*)(record + 8) = id;
        Interlocked.Exchange(ref *(long*)record, RingRecord.Header(length, kind, flags, microseconds));
    }
}
