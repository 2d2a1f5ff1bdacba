using System.Runtime.CompilerServices;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// How a worker marks the items of a slice, or of a batch, as begun. A compare-and-swap for each (as calls have) would cost more than the shortest function, so the mark is a plain store, and then a
/// look at a word that the host changes only to take items back. Nothing keeps the processor from looking before the store is seen: it is the host that waits for that, by a barrier in
/// all processors that run a worker (<c>membarrier</c>), between asking and reading (docs/models/slice.pml). A kill, or a crash, keeps stores that were made.
/// </summary>
/// <param name="words">Of the worker.</param>
internal readonly unsafe struct SliceMarks(LinkWords* words)
{
    /// <summary>By the worker, after an item of the same slice or batch that it began: begins the next. False: it was taken back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(long number)
    {
        Volatile.Write(ref words->SliceItem, number);   // after the result of the one before
        return Volatile.Read(ref words->Begun) >= 0 || TryBeginRecalled(number);
    }

    /// <summary>By the worker: the item that it began last by a plain store.</summary>
    public long Last => words->SliceItem;

    /// <summary>By the worker, at the end of those: the next call can begin by compare-and-swap.</summary>
    public void End(long first, long last) => Interlocked.CompareExchange(ref words->Begun, last, first);

    /// <summary>By the host: the last that was begun.</summary>
    public static long LastBegun(LinkWords* words)
    {
        long begun = Volatile.Read(ref words->Begun);
        return (begun & LinkWords.Settled) != 0 ? begun & ~LinkWords.BegunBits : Math.Max(begun & ~LinkWords.BegunBits, Volatile.Read(ref words->SliceItem));
    }

    /// <summary>The host takes items back: whether it has seen the mark of this one, one word decides.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryBeginRecalled(long number)
    {
        long seen = Volatile.Read(ref words->Begun);
        while ((seen & LinkWords.Settled) == 0)
        {
            long before = Interlocked.CompareExchange(ref words->Begun, (seen & LinkWords.BegunBits) | number, seen);
            if (before == seen)
                return true;
            seen = before;
        }
        return number <= (seen & ~LinkWords.BegunBits);
    }
}
