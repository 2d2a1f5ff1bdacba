using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.SharedState;

namespace Kernmantle.Channels.Rings;

/// <summary>The readers' side of all rings: takes from one after the other, from each in the order in which its writer wrote. Readers share nothing but the words of the slots.</summary>
/// <param name="words">What all know.</param>
/// <param name="seat">The reader's.</param>
/// <param name="layout">Of the channel.</param>
internal sealed unsafe class RingMerge(byte* words, int seat, ChannelLayout layout)
{
    /// <summary>Where to look next, for each ring.</summary>
    private readonly long[] cursors = new long[ChannelWords.Parties];

    /// <summary>Up to there, items may have been given back: look at each, whatever <see cref="RingWords.Head"/> says.</summary>
    private readonly long[] lookedThrough = new long[ChannelWords.Parties];

    private int turn;
    private int returned;

    /// <summary>An item that was taken and did not fit: the next that is given.</summary>
    private Claim? tooLarge;

    private ref ChannelWords Words => ref Unsafe.AsRef<ChannelWords>(words);

    private Ring RingOf(int ring) => Ring.Of(words, ring, layout);

    public Took TryTake(Span<byte> room, out int length, out Claim claim)
    {
        if (tooLarge is { } before && Give(before, room, out length, out claim) is not Took.Nothing and var again)
            return again;
        LookBackIfTold();
        foreach (int ring in Used(turn))
        {
            Took took = TryTake(ring, room, out length, out claim);
            if (took == Took.Nothing)
                continue;
            turn = ring + 1;
            return took;
        }
        (length, claim) = (0, default);
        return Took.Nothing;
    }

    /// <summary>As <see cref="ItemStore.ReadMany"/>.</summary>
    public int ReadMany(Span<byte> room, out ulong writers)
    {
        LookBackIfTold();
        int count = 0;
        writers = 0;
        foreach (int ring in Used(turn))
        {
            int read = ReadMany(ring, room[(count * layout.ItemBytes)..]);
            if (read == 0)
                continue;
            count += read;
            writers |= 1UL << ring;
            turn = ring + 1;
        }
        return count;
    }

    public bool HasItem()
    {
        if (tooLarge is not null)
            return true;
        LookBackIfTold();
        foreach (int ring in Used(turn))
        {
            if (Find(ring, out SlotWord word) >= 0 && word.State == SlotState.Ready)
                return true;
        }
        return false;
    }

    /// <summary>As <see cref="ItemStore.PutBack"/>. Whoever has gone past it looks back.</summary>
    public void PutBack(in Claim claim)
    {
        Ring ring = RingOf(claim.Place);
        SharedStores.Write(ref ring.WordOf(claim.Position), new SlotWord(claim.Position, SlotState.Ready, given: claim.Given).Bits);
        SharedStores.Increment(ref Words.Returned);
    }

    public void Finish(in Claim claim)
    {
        Ring ring = RingOf(claim.Place);
        SharedStores.Write(ref ring.WordOf(claim.Position), new SlotWord(claim.Position, SlotState.Done, seat).Bits);
    }

    public int Count()
    {
        long count = 0;
        foreach (int index in Used(0))
            count += Unread(index);
        return (int)Math.Min(count, int.MaxValue);
    }

    /// <summary>How many items of one ring nobody has taken, about.</summary>
    public long Unread(int index)
    {
        ref RingWords ring = ref RingOf(index).Words;
        return Math.Clamp(Volatile.Read(ref ring.Next) - Math.Max(RingWords.First, Volatile.Read(ref ring.Head)), 0, layout.Capacity);
    }

    /// <summary>The position of what is next in that ring; less than zero if nothing has come.</summary>
    private long Find(int index, out SlotWord word)
    {
        Ring ring = RingOf(index);
        ref long cursor = ref cursors[index];
        if (cursor == 0)
            cursor = ring.Tail;
        cursor = ring.Skip(cursor, cursor < lookedThrough[index] ? 0 : Volatile.Read(ref ring.Words.Head), out word);
        return word.Against(cursor) == 0 ? cursor : -1;
    }

    private Took TryTake(int index, Span<byte> room, out int length, out Claim claim)
    {
        Ring ring = RingOf(index);
        for (int tries = 0; tries <= 2 * ring.SlotCount && Find(index, out SlotWord word) is >= 0 and long position && word.State == SlotState.Ready; tries++)
        {
            if (SharedStores.CompareExchange(ref ring.WordOf(position), word.TakenBy(seat).Bits, word.Bits) != word.Bits)
                continue;
            cursors[index] = position + 1;
            SharedStores.Write(ref ring.Words.Head, position + 1);
            Took took = Give(new(index, position, word.Given), room, out length, out claim);
            if (took != Took.Nothing)
                return took;
        }
        (length, claim) = (0, default);
        return Took.Nothing;
    }

    private int ReadMany(int index, Span<byte> room)
    {
        Ring ring = RingOf(index);
        int size = layout.ItemBytes, count = 0;
        for (int tries = 0; room.Length >= size && tries <= 2 * ring.SlotCount && Find(index, out SlotWord word) is >= 0 and long position && word.State == SlotState.Ready; tries++)
        {
            // One after the other, as long as nobody else is there.
            int before = count;
            while (SharedStores.CompareExchange(ref ring.WordOf(position), word.TakenBy(seat).Bits, word.Bits) == word.Bits)
            {
                ring.ItemOf(position).CopyTo(room);
                SharedStores.Write(ref ring.WordOf(position), word.With(SlotState.Done).Bits);
                room = room[size..];
                position++;
                count++;
                if (room.Length < size || (word = ring.Read(position)).Against(position) != 0 || word.State != SlotState.Ready)
                    break;
            }
            if (count == before)
                continue;
            cursors[index] = position;
            SharedStores.Write(ref ring.Words.Head, position);
        }
        return count;
    }

    /// <summary>What was taken. It is not put back if it does not fit: others have gone past it.</summary>
    private Took Give(in Claim taken, Span<byte> room, out int length, out Claim claim)
    {
        (length, claim, tooLarge) = (0, taken, null);
        if (!TryBytes(RingOf(taken.Place), taken.Position, out Span<byte> bytes))
        {
            Finish(taken);   // its writer lies
            return Took.Nothing;
        }
        length = bytes.Length;
        if (length > room.Length)
        {
            tooLarge = taken;
            return Took.TooLarge;
        }
        bytes.CopyTo(room);
        return Took.Item;
    }

    private bool TryBytes(Ring ring, long position, out Span<byte> bytes)
    {
        if (layout.ItemBytes == 0)
            return ring.TryBytes(MemoryMarshal.Read<ItemPlace>(ring.PlaceOf(position)), out bytes);
        bytes = ring.ItemOf(position);
        return true;
    }

    private void LookBackIfTold()
    {
        if (Volatile.Read(ref Words.Returned) is var told && told == returned)
            return;
        returned = told;
        foreach (int index in Used(0))
        {
            Ring ring = RingOf(index);
            cursors[index] = ring.Tail;
            lookedThrough[index] = cursors[index] + ring.SlotCount;
        }
    }

    /// <summary>The rings in which there may be items, from one on, then those before it.</summary>
    private Order Used(int from) => new(Volatile.Read(ref Words.Used), from & (ChannelWords.Parties - 1));

    /// <summary>The bits of a word, each once.</summary>
    private ref struct Order(long bits, int from)
    {
        private ulong left = BitOperations.RotateRight((ulong)bits, from);

        public int Current { get; private set; }

        public readonly Order GetEnumerator() => this;

        public bool MoveNext()
        {
            if (left == 0)
                return false;
            Current = (BitOperations.TrailingZeroCount(left) + from) & (ChannelWords.Parties - 1);
            left &= left - 1;
            return true;
        }
    }
}
