using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>The segments that items of slices, and their results, lie in: both sides write there. The host keeps account of which are in use. Its owner locks.</summary>
internal sealed class SliceSegments(LaneChannel channel) : IDisposable
{
    /// <summary>What is free beyond that is given back to the system.</summary>
    private const int Kept = 4;

    private readonly List<Segment> segments = [];

    /// <summary>How much memory they are.</summary>
    public long Bytes => segments.Sum(static s => s.Length);

    /// <summary>A free one of at least that many bytes; null if there is no memory for it, or the worker does not listen.</summary>
    public Segment? Rent(int bytes)
    {
        Segment? segment = segments.Where(s => !s.IsHeld && s.ItemsCapacity >= bytes).MinBy(static s => s.Length);
        if (segment is not null)
            return segment;
        DropSpare();
        segment = channel.TryGive(ControlKind.ForSlices, Segment.CapacityFor(bytes), out _);
        if (segment is not null)
            segments.Add(segment);
        return segment;
    }

    public void Dispose()
    {
        foreach (Segment segment in segments)
            segment.Dispose();
    }

    private void DropSpare()
    {
        while (segments.Count >= Kept && segments.Find(static s => !s.IsHeld) is { } spare && channel.TrySend(new(ControlKind.Drop, spare.Id)))
        {
            segments.Remove(spare);
            spare.Dispose();
        }
    }
}
