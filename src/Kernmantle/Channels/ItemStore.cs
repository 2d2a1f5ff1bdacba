namespace Kernmantle.Channels;

/// <summary>How an attempt to write ended.</summary>
internal enum Put
{
    Done,

    /// <summary>There is no room now.</summary>
    Full,

    /// <summary>No item can come any more.</summary>
    Closed,
}

/// <summary>How an attempt to take an item ended.</summary>
internal enum Took
{
    /// <summary>There is none now.</summary>
    Nothing,

    Item,

    /// <summary>It does not fit into the room: it is the next that is given here.</summary>
    TooLarge,
}

/// <summary>An item that was taken, and that its store gives to nobody else until it is done.</summary>
/// <param name="Place">Where, as the store knows it.</param>
/// <param name="Position">Which one there.</param>
/// <param name="Given">How often it was given to others before, which have died.</param>
internal readonly record struct Claim(int Place, long Position, int Given);

/// <summary>What an item that is being written carries.</summary>
internal interface IItemLoad
{
    /// <summary>It is about to become the item of that position of this process's ring.</summary>
    void Load(long position);

    /// <summary>What stood at that position of this process's ring is none, or none any more: it was dropped.</summary>
    void Unload(long position);
}

/// <summary>
/// Where the items of a channel are, as one process has it: what differs between transports. Never waits. Its caller makes sure that one thread at a time writes, and one reads; the two may do so at once.
/// </summary>
internal abstract class ItemStore
{
    /// <summary>What was found in place of an item, behind others that had to be given to their reader first: the next reading is told. By who reads.</summary>
    public InvalidDataException? Untold { get; set; }

    /// <summary>Appends an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="load">What it carries; null where items of the channel carry nothing.</param>
    public abstract Put TryWrite(ReadOnlySpan<byte> item, IItemLoad? load);

    /// <summary>Appends items of equal size, as many as there is room for, which are told to nobody before the last; returns how many.</summary>
    public virtual int WriteMany(ReadOnlySpan<byte> items, int size, out Put last)
    {
        int written = 0;
        last = Put.Done;
        for (; items.Length > 0 && (last = TryWrite(items[..size], null)) == Put.Done; written++)
            items = items[size..];
        return written;
    }

    /// <summary>Whether an item of that many bytes could be written now, or will never be.</summary>
    public abstract bool MayWrite(int bytes);

    /// <summary>Takes the next item, whosever it is.</summary>
    /// <exception cref="InvalidDataException">What was there is none: somebody else than a channel wrote it. It is gone.</exception>
    public abstract Took TryTake(Span<byte> room, out int length, out Claim claim);

    /// <summary>What was taken, and cannot be had now, is there again for whoever reads. Ends with a fence.</summary>
    public virtual void PutBack(in Claim claim) => throw new NotSupportedException("Only what carries memory is put back, and that only rings do.");

    /// <summary>Takes items that all have the one length, as many as there are and fit, and is done with them; returns how many.</summary>
    /// <param name="room">For a whole number of items.</param>
    /// <param name="size">Of an item, in bytes.</param>
    /// <param name="writers">Who wrote them: a bit for each seat.</param>
    public virtual int ReadMany(Span<byte> room, int size, out ulong writers)
    {
        int count = 0;
        writers = 0;
        try
        {
            for (; room.Length > 0 && TryTake(room, out _, out Claim claim) == Took.Item; count++)
            {
                room = room[size..];
                Finish(claim);
                writers |= 1UL << WriterOf(claim);
            }
        }
        catch (Exception e) when (count > 0)
        {
            Untold = e as InvalidDataException;   // anything else lasts, and is found again
        }
        return count;
    }

    /// <summary>What is to be told of such.</summary>
    protected static InvalidDataException NoItem(int bytes) =>
        new($"Something of {bytes} bytes is no item of this channel: one of those that have the channel wrote it by other means. It is gone; the channel and its other items are as they were.");

    /// <summary>What was taken is needed no more. A fence is the caller's. By any thread.</summary>
    public abstract void Finish(in Claim claim);

    /// <summary>The seat of who wrote it, and may wait for the room that it took.</summary>
    public abstract int WriterOf(in Claim claim);

    /// <summary>So much room that it is worth to wake that writer, who waits for some: for each item that is read it would cost more than the item.</summary>
    public virtual bool IsRoomy(int writer) => true;

    /// <summary>There is an item to take.</summary>
    public abstract bool HasItem();

    /// <summary>Whether <see cref="Count"/> is known.</summary>
    public virtual bool CanCount => true;

    /// <summary>How many there are to take, about.</summary>
    public abstract int Count { get; }

    /// <summary>How many were dropped by those that wrote them.</summary>
    public abstract long Dropped { get; }

    /// <summary>Sees to it that nothing can be written after those items that are there.</summary>
    public abstract void Close();

    /// <summary>After <see cref="Close"/>: every item is done.</summary>
    public abstract bool IsDrained();

    /// <summary>By the maker, when the object has ended, under the locks of both sides: what outlasts it is free for others.</summary>
    public virtual void Leave()
    {
    }
}
