using System.Runtime.InteropServices;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>The segments that one worker writes to. All are made by the host: what a worker made could be cut under its reader. Its owner locks.</summary>
internal sealed class AnswerSegments(LaneChannel channel, long largestBody) : IDisposable
{
    /// <summary>What is free beyond that is given back to the system.</summary>
    private const int Kept = Segment.MostUnread;

    /// <summary>A correct worker has no use for more.</summary>
    private const int Most = 2 * Kept;

    private readonly List<Segment> segments = [];

    /// <summary>How much memory they are.</summary>
    public long Bytes => segments.Sum(static s => s.Length);

    /// <summary>The worker wants one to write to. False: it does not listen at the moment.</summary>
    /// <exception cref="ProtocolViolationException">Larger than any body may be.</exception>
    public bool TryGrant(long length)
    {
        if (length < 0 || length > largestBody)
            throw new ProtocolViolationException($"a segment of {length} bytes wanted; at most {largestBody} are allowed");
        while (segments.Count >= Kept && segments.Find(static s => !s.IsInUse && !s.IsHeld) is { } spare && TryDrop(spare))
            continue;
        if (segments.Count < Most)
        {
            if (channel.TryGive(ControlKind.ForAnswers, length, out bool listens) is { } segment)
            {
                segments.Add(segment);
                return true;
            }
            if (!listens)
                return false;
        }
        return channel.TrySend(new(ControlKind.Refused, 0, length));   // its call fails with that
    }

    /// <summary>What the worker wrote.</summary>
    /// <exception cref="ProtocolViolationException">It cannot have.</exception>
    public Segment Find(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> body)
    {
        if (record.Length != Marshal.SizeOf<SegmentBody>())
            throw new ProtocolViolationException($"a reference of {record.Length} bytes");
        SegmentBody reference = MemoryMarshal.Read<SegmentBody>(record);
        Segment segment = segments.Find(s => s.Id == reference.SegmentId) ?? throw new ProtocolViolationException($"a body in segment {reference.SegmentId}, which it does not have");
        if (reference.Length < 0 || reference.Length > Math.Min(segment.Capacity, largestBody))
            throw new ProtocolViolationException($"a body of {reference.Length} bytes in a segment of {segment.Capacity}");
        body = segment.Body(reference.Length);
        segment.IsHeld = true;
        return segment;
    }

    /// <summary>What is in it has been read.</summary>
    public void Return(Segment segment)
    {
        (segment.IsInUse, segment.IsHeld) = (false, false);
        if (Bytes > RequestSegments.MostKept)
            TryDrop(segment);
    }

    public void Dispose()
    {
        foreach (Segment segment in segments)
            segment.Dispose();
    }

    private bool TryDrop(Segment spare)
    {
        if (!spare.TryRetire())
            return false;
        if (!channel.TrySend(new(ControlKind.Drop, spare.Id)))
        {
            spare.IsInUse = false;   // it does not listen at the moment: another time
            return false;
        }
        segments.Remove(spare);
        spare.Dispose();
        return true;
    }
}
