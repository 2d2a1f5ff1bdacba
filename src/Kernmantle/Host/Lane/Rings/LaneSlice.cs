using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>Memory that the items of a slice lie in: stays readable until it is given back, also after the connection's end.</summary>
internal sealed unsafe class LaneSlice : ISliceMemory
{
    private readonly Segment segment;
    private readonly LaneEnd end;

    /// <summary>Under the lock.</summary>
    public LaneSlice(Segment segment, LaneEnd end)
    {
        (this.segment, this.end) = (segment, end);
        segment.IsHeld = true;
        bool held = false;
        segment.Memory.DangerousAddRef(ref held);
    }

    public int Id => segment.Id;

    public Span<byte> Part(int from, int length) => new(segment.ItemsStart + from, length);

    public void GiveBack()
    {
        lock (end.Gate)
            segment.IsHeld = false;
        segment.Memory.DangerousRelease();
    }
}
