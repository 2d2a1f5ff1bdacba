using System.ComponentModel;
using System.Runtime.InteropServices;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>The segments between the host and one worker. All are made by the host: what a worker made could be cut under its reader. Its owner locks.</summary>
internal sealed class HostSegments(LaneChannel channel, long largestBody) : IDisposable
{
    /// <summary>Kept for each direction; what is free beyond that is given back to the system.</summary>
    private const int Kept = 4;

    /// <summary>A worker writes one answer at a time: it has no use for more.</summary>
    private const int Most = 2 * Kept;

    private readonly List<Segment> requests = [];
    private readonly List<Segment> answers = [];

    /// <summary>A free one for a body of that length; null if there is no memory for it.</summary>
    public Segment? Rent(int length)
    {
        Segment? free = requests.Where(s => !s.IsInUse && !s.IsHeld && s.Capacity >= length).MinBy(static s => s.Length);
        return free ?? Add(requests, ControlKind.ForRequests, length, out _);
    }

    /// <summary>The worker wants one to write to. False: it does not listen at the moment.</summary>
    /// <exception cref="ProtocolViolationException">Larger than any body may be.</exception>
    public bool TryGrant(long length)
    {
        if (length < 0 || length > largestBody)
            throw new ProtocolViolationException($"a segment of {length} bytes wanted; at most {largestBody} are allowed");
        if (answers.Count < Most)
        {
            if (Add(answers, ControlKind.ForAnswers, (int)length, out bool listens) is not null)
                return true;
            if (!listens)
                return false;
        }
        return channel.TrySend(new(ControlKind.Refused, 0, length));
    }

    /// <summary>What the worker wrote.</summary>
    /// <exception cref="ProtocolViolationException">It cannot have.</exception>
    public Segment Find(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> body)
    {
        if (record.Length != Marshal.SizeOf<SegmentBody>())
            throw new ProtocolViolationException($"a reference of {record.Length} bytes");
        SegmentBody reference = MemoryMarshal.Read<SegmentBody>(record);
        Segment segment = answers.Find(s => s.Id == reference.SegmentId) ?? throw new ProtocolViolationException($"a body in segment {reference.SegmentId}, which it does not have");
        if (reference.Length < 0 || reference.Length > Math.Min(segment.Capacity, largestBody))
            throw new ProtocolViolationException($"a body of {reference.Length} bytes in a segment of {segment.Capacity}");
        body = segment.Body(reference.Length);
        segment.IsHeld = true;
        return segment;
    }

    public void Dispose()
    {
        foreach (Segment segment in requests.Concat(answers))
            segment.Dispose();
    }

    /// <summary>Null: there is no memory, or the worker does not listen.</summary>
    private Segment? Add(List<Segment> list, ControlKind kind, int length, out bool listens)
    {
        listens = true;
        DropSpare(list);
        Segment segment;
        SafeFileHandle file;
        try
        {
            segment = Segment.Create(length, out file);
        }
        catch (Win32Exception)
        {
            return null;   // said by the caller, to whom it matters
        }
        using (file)
        {
            if (!channel.TrySend(new(kind, segment.Id, segment.Length), file))
            {
                listens = false;
                segment.Dispose();
                return null;
            }
        }
        list.Add(segment);
        return segment;
    }

    private void DropSpare(List<Segment> list)
    {
        while (list.Count >= Kept && list.Find(static s => !s.IsInUse && !s.IsHeld) is { } spare && spare.TryRetire() && channel.TrySend(new(ControlKind.Drop, spare.Id)))
        {
            list.Remove(spare);
            spare.Dispose();
        }
    }
}
