using System.Numerics;

namespace Kernmantle.SharedState;

/// <summary>
/// Up to 64 who are known by name, so that the maker can clear up after those that have died: each takes a seat by writing its name there (compare-and-swap from 0), and only then says by its bit
/// that it counts. It unsays that before it leaves the seat. So a bit that is set is always that of the name in its seat, whenever its owner dies.
/// </summary>
/// <param name="words">The page.</param>
/// <param name="bits">The word of the bits.</param>
/// <param name="offset">Where the seats are in the page.</param>
internal readonly unsafe ref struct SeatTable(byte* words, ref long bits, int offset)
{
    private readonly ref long bits = ref bits;

    /// <summary>Whose bit it is in <see cref="StateWords.Sleepers"/> if there was no seat.</summary>
    public const int Standing = StateWords.Seats - 1;

    private ref long Seat(int index) => ref ((long*)(words + offset))[index];

    /// <summary>Takes a seat; -1 if there is none.</summary>
    public int TryTake(long name, int seats = StateWords.Seats)
    {
        for (int i = 0; i < seats; i++)
        {
            if (Volatile.Read(ref Seat(i)) == 0 && SharedStores.CompareExchange(ref Seat(i), name, 0) == 0)
                return i;
        }
        return -1;
    }

    /// <summary>Says that it counts. A fence.</summary>
    public void Mark(int index) => SharedStores.Or(ref bits, 1L << index);

    /// <summary>It counts no more.</summary>
    public void Unmark(int index) => SharedStores.And(ref bits, ~(1L << index));

    public void Leave(int index) => SharedStores.Write(ref Seat(index), 0);

    /// <summary>The marked seat of that name; -1 if it has none.</summary>
    public int Find(long name)
    {
        for (ulong left = (ulong)Volatile.Read(ref bits); left != 0; left &= left - 1)
        {
            int index = BitOperations.TrailingZeroCount(left);
            if (Volatile.Read(ref Seat(index)) == name)
                return index;
        }
        return -1;
    }

    /// <summary>By the maker: those of a worker that has ended are gone.</summary>
    public void Clear(int party)
    {
        for (int i = 0; i < StateWords.Seats; i++)
        {
            long name = Volatile.Read(ref Seat(i));
            if (name == 0 || Party.Of(name) != party)
                continue;
            Unmark(i);
            Leave(i);
        }
    }

    /// <summary>The names that count.</summary>
    public List<long> Names()
    {
        List<long> names = [];
        for (ulong left = (ulong)Volatile.Read(ref bits); left != 0; left &= left - 1)
        {
            if (Volatile.Read(ref Seat(BitOperations.TrailingZeroCount(left))) is not 0 and long name)
                names.Add(name);
        }
        return names;
    }
}
