using System.ComponentModel;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>The segments that items of slices, and their results, lie in: both sides write there. The host keeps account of which are in use. Its owner locks.</summary>
internal sealed class SliceSegments(LaneChannel channel) : IDisposable
{
    /// <summary>What is free beyond that is given back to the system.</summary>
    private const int Kept = 4;

    private readonly List<Segment> segments = [];

    /// <summary>A free one of at least that many bytes; null if there is no memory for it, or the worker does not listen.</summary>
    public Segment? Rent(int bytes) =>
        segments.Where(s => !s.IsHeld && s.ItemsCapacity >= bytes).MinBy(static s => s.Length) ?? Add(bytes);

    public void Dispose()
    {
        foreach (Segment segment in segments)
            segment.Dispose();
    }

    private Segment? Add(int bytes)
    {
        DropSpare();
        Segment segment;
        SafeFileHandle file;
        try
        {
            segment = Segment.CreateForBoth(Segment.CapacityFor(bytes), out file);
        }
        catch (Win32Exception)
        {
            return null;   // said by the caller, to whom it matters
        }
        using (file)
        {
            if (!channel.TrySend(new(ControlKind.ForSlices, segment.Id, segment.Length), file))
            {
                segment.Dispose();
                return null;
            }
        }
        segments.Add(segment);
        return segment;
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
