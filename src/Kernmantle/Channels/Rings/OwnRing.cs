using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Kernmantle.SharedState;

namespace Kernmantle.Channels.Rings;

/// <summary>
/// The writer's side of its own ring. An item is written into a slot that nobody reads, and becomes one by one compare-and-swap on the slot's word; who closes the channel puts the ring's end there by the same means,
/// so that one of the two knows that it came too late. What a writer that died had begun to write never became an item; whoever has its seat next goes on behind the last one that did.
/// </summary>
internal sealed unsafe class OwnRing
{
    private readonly byte* start;
    private readonly ChannelLayout layout;

    /// <summary>Where the items that are not done begin and end among the bytes, counted without end; one for each slot. Null where all have the same length.</summary>
    private readonly (long Start, long End)[]? places;

    private long next;
    private long tail;
    private long dropped;
    private long bytesFrom;
    private long bytesTo;

    public OwnRing(byte* words, int seat, ChannelLayout layout)
    {
        this.layout = layout;
        start = words + ChannelWords.Size + (seat * layout.RingBytes);
        places = layout.ItemBytes > 0 ? null : new (long, long)[layout.Slots];
        GoOn();
    }

    private Ring Ring => new(start, layout);

    public Put TryWrite(ReadOnlySpan<byte> item, IItemLoad? load)
    {
        if (!HasRoom(item.Length) && !TryReclaim(item.Length))
            return Overflow(item, load);
        return Append(item, load);
    }

    /// <summary>As <see cref="ItemStore.WriteMany"/>, of items that all have the one length.</summary>
    public int WriteMany(ReadOnlySpan<byte> items, out Put last)
    {
        Ring ring = Ring;
        int size = layout.ItemBytes, wanted = items.Length / size;
        if (layout.Capacity - (next - tail) < wanted)
            Reclaim();
        int count = (int)Math.Min(wanted, layout.Capacity - (next - tail));
        last = Put.Full;
        if (count == 0)
            return 0;
        for (int i = count - 1; i > 0; i--)
        {
            SharedStores.Copy(items.Slice(i * size, size), ring.ItemOf(next + i));
            SharedStores.Write(ref ring.WordOf(next + i), new SlotWord(next + i, SlotState.Ready).Bits);   // nobody looks there before the first one is there
        }
        last = Append(items[..size]);
        if (last != Put.Done)
            return 0;
        next += count - 1;
        SharedStores.Write(ref ring.Words.Next, next);
        last = count == wanted ? Put.Done : Put.Full;
        return count;
    }

    public bool MayWrite(int bytes) => layout.FullMode != BoundedChannelFullMode.Wait || HasRoom(bytes) || TryReclaim(bytes);

    private bool HasRoom(int bytes) => next - tail < layout.Capacity && (places is null || Fits(bytes, bytesTo, bytesFrom));

    private bool Fits(int bytes, long behind, long from) => PlaceFor(bytes, behind) + bytes - from <= layout.BufferBytes;

    private bool TryReclaim(int bytes)
    {
        Reclaim();
        return HasRoom(bytes);
    }

    /// <summary>Where an item of that length would begin: it lies in one piece.</summary>
    private long PlaceFor(int bytes, long behind)
    {
        int size = layout.BufferBytes;
        return (behind & (size - 1)) + bytes <= size ? behind : FrontBehind(behind);
    }

    /// <summary>The first byte of the memory, the next time around: who has no other items begins there, so that the largest one fits.</summary>
    private long FrontBehind(long place) => (place + layout.BufferBytes - 1) & -layout.BufferBytes;

    private Put Append(ReadOnlySpan<byte> item, IItemLoad? load = null)
    {
        Ring ring = Ring;
        SlotWord before = ring.Read(next);
        if (before.Against(next) >= 0 || !TryPublish(ring, next, item, before, load))
            return Put.Closed;
        next++;
        SharedStores.Write(ref ring.Words.Next, next);
        return Put.Done;
    }

    private bool TryPublish(Ring ring, long position, ReadOnlySpan<byte> item, SlotWord before, IItemLoad? load)
    {
        load?.Load(position);
        if (places is null)
            SharedStores.Copy(item, ring.ItemOf(position));
        else
            Lay(ring, position, item);
        bool isThere = SharedStores.CompareExchange(ref ring.WordOf(position), new SlotWord(position, SlotState.Ready).Bits, before.Bits) == before.Bits;
        if (!isThere)
            load?.Unload(position);
        return isThere;
    }

    private void Lay(Ring ring, long position, ReadOnlySpan<byte> item)
    {
        long from = PlaceFor(item.Length, bytesTo);
        var place = new ItemPlace((int)(from & (layout.BufferBytes - 1)), item.Length);
        _ = ring.TryBytes(place, out Span<byte> bytes);
        SharedStores.Copy(item, bytes);
        SharedStores.Copy(MemoryMarshal.AsBytes(new ReadOnlySpan<ItemPlace>(ref place)), ring.PlaceOf(position));
        bytesTo = from + item.Length;
        places![position & (layout.Slots - 1)] = (from, bytesTo);
    }

    /// <summary>What readers have done with is room again.</summary>
    private void Reclaim()
    {
        Ring ring = Ring;
        long before = tail;
        while (tail < next && ring.Read(tail) is var word && word.State == SlotState.Done && word.Against(tail) == 0)
            tail++;
        if (tail == before)
            return;
        if (places is not null)
            bytesFrom = tail == next ? bytesTo = FrontBehind(bytesTo) : places[tail & (layout.Slots - 1)].Start;
        SharedStores.Write(ref ring.Words.Tail, tail);
    }

    // --- Full ---

    private Put Overflow(ReadOnlySpan<byte> item, IItemLoad? load)
    {
        if (layout.FullMode == BoundedChannelFullMode.Wait)
            return IsEnded() ? Put.Closed : Put.Full;
        if (IsEnded())
            return Put.Closed;
        if (layout.FullMode == BoundedChannelFullMode.DropNewest && next > tail)
            return PutInPlaceOfNewest(item, load);
        if (layout.FullMode == BoundedChannelFullMode.DropOldest)
            return PutBehindOthers(item, load);
        Drop(1);   // itself
        return Put.Done;
    }

    private bool IsEnded() => Ring.Read(next) is { State: SlotState.End } end && end.Against(next) == 0;

    private void Drop(int count) => SharedStores.Write(ref Ring.Words.Dropped, dropped += count);

    /// <summary>As many of the oldest go as are in its way. While a reader has the oldest one, none that goes would make room for another: then it takes the place of the newest.</summary>
    private Put PutBehindOthers(ReadOnlySpan<byte> item, IItemLoad? load)
    {
        while (!HasRoom(item.Length))
        {
            long oldest = tail;
            if (TryChange(oldest, SlotState.Ready, SlotState.Done))
            {
                load?.Unload(oldest);
                Drop(1);
            }
            Reclaim();
            if (tail == oldest)
                return PutInPlaceOfNewest(item, load);
        }
        return Append(item, load);
    }

    private Put PutInPlaceOfNewest(ReadOnlySpan<byte> item, IItemLoad? load)
    {
        long newest = next - 1, behind = 0, from = 0;
        if (places is not null)
            (behind, from) = newest > tail ? (places[newest & (layout.Slots - 1)].Start, bytesFrom) : (FrontBehind(bytesTo), FrontBehind(bytesTo));
        if ((places is null || Fits(item.Length, behind, from)) && TryChange(newest, SlotState.Ready, SlotState.Held))
        {
            load?.Unload(newest);
            (bytesTo, bytesFrom) = (behind, from);
            Ring ring = Ring;
            _ = TryPublish(ring, newest, item, ring.Read(newest), load);   // it is the writer's alone
        }
        Drop(1);   // the newest; itself where that is a reader's, or smaller
        return Put.Done;
    }

    private bool TryChange(long position, SlotState from, SlotState to)
    {
        Ring ring = Ring;
        SlotWord word = ring.Read(position);
        return word.State == from && word.Against(position) == 0 && SharedStores.CompareExchange(ref ring.WordOf(position), word.With(to).Bits, word.Bits) == word.Bits;
    }

    // --- From where another writer, which died, has left it ---

    private void GoOn()
    {
        Ring ring = Ring;
        dropped = Volatile.Read(ref ring.Words.Dropped);
        tail = ring.Tail;
        next = tail;
        long at = tail;
        for (int i = 0; i < layout.Slots && ring.Read(at) is var word && word.Against(at) == 0 && word.State != SlotState.End; i++, at++)
            next = at + 1;
        for (long unused = next; unused < tail + layout.Slots; unused++)
        {
            // What stands there was written with others of which the first was never told: no item.
            SlotWord word = ring.Read(unused);
            if (word.Against(unused) >= 0 && word.State != SlotState.End)
                SharedStores.Write(ref ring.WordOf(unused), new SlotWord(unused - layout.Slots, SlotState.Done).Bits);
        }
        if (places is not null)
            GoOnBehindBytes(ring);
        SharedStores.Write(ref ring.Words.Next, next);
        SharedStores.Write(ref ring.Words.Tail, tail);
    }

    private void GoOnBehindBytes(Ring ring)
    {
        int size = layout.BufferBytes;
        bytesTo = bytesFrom = size;
        for (long position = tail; position < next; position++)
        {
            ItemPlace place = MemoryMarshal.Read<ItemPlace>(ring.PlaceOf(position));
            if (!ring.TryBytes(place, out _))
                place = default;
            long from = (bytesTo & -size) + place.Start;
            from += from < bytesTo ? size : 0;
            if (position == tail)
                bytesFrom = from;
            bytesTo = from + place.Length;
            places![position & (layout.Slots - 1)] = (from, bytesTo);
        }
    }
}
