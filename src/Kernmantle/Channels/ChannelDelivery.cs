using Kernmantle.Channels;

namespace Kernmantle;

/// <summary>An item that was taken, and that its channel keeps until the reader is done with it. Thread-safe.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class ChannelDelivery<T>
{
    private readonly ChannelEnd end;
    private readonly Claim claim;
    private int isDone;

    internal ChannelDelivery(ChannelEnd end, in Claim claim, T item) => (this.end, this.claim, Item) = (end, claim, item);

    /// <summary>The item.</summary>
    public T Item { get; }

    /// <summary>1 for the first reader, 2 for the one after a reader that died, and so on; 256 for any more.</summary>
    public int Attempt => claim.Given + 1;

    /// <summary>The reader is done with it: it is given to nobody any more, and its writer has room for another one. Any further time it does nothing.</summary>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    public void Complete()
    {
        end.ThrowIfEnded();
        if (Interlocked.Exchange(ref isDone, 1) == 0)
            end.Finish(claim);
    }
}
