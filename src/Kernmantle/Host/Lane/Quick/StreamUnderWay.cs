using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>The stream that was handed over last: its worker has nothing beside it.</summary>
internal sealed class StreamUnderWay(SharedLane lane)
{
    private long number;
    private StreamItems? items;

    /// <summary>Under the lane's lock, before it is offered with that number.</summary>
    public void Open(StreamItems stream, long sequence)
    {
        (number, items) = (sequence, stream);
        lane.OpenStream();
    }

    /// <summary>The worker has not ended it. By anybody.</summary>
    public bool IsOpen(long sequence) => sequence > lane.Numbers.Answered;

    /// <summary>Where the items go that come under that number.</summary>
    /// <param name="sequence">The number.</param>
    /// <param name="wasOpen">It was found to be right when the item was taken: the stream's end has been taken since, perhaps.</param>
    /// <exception cref="ProtocolViolationException">The worker runs no such stream.</exception>
    public StreamItems Of(long sequence, bool wasOpen = false)
    {
        lock (lane.End.Gate)
        {
            return sequence == number && (wasOpen || IsOpen(sequence)) && items is { } open ? open
                : throw new ProtocolViolationException($"an item of quick call {sequence}, which is no stream that it runs; {lane.Numbers.Answered} is answered");
        }
    }

    /// <summary>Tells the worker how much of it has been consumed.</summary>
    public void Grant(long sequence, long taken)
    {
        lock (lane.End.Gate)
        {
            if (!lane.End.IsClosed && number == sequence)   // else it has ended, and what was left of it is consumed
                lane.GrantStream(taken);
        }
    }
}
