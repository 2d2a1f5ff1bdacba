namespace Kernmantle.SharedState;

/// <summary>
/// The permits of a semaphore, each a word: 0 there to be taken, <see cref="Nobody"/> not yet there, else the number of the worker that took it, and 1. So those of a worker that has died are known, and each is
/// taken, and given back, by one store.
/// </summary>
/// <param name="page">The object's.</param>
/// <param name="most">How many there are at most.</param>
internal readonly unsafe ref struct Permits(byte* page, int most)
{
    /// <summary>What a page has room for.</summary>
    public const int Most = (StateWords.Size - StateWords.Content) / sizeof(int);

    public const int Nobody = -1;

    private ref int this[int index] => ref ((int*)(page + StateWords.Content))[index];

    /// <summary>By the maker, before anybody else has it.</summary>
    public void Withhold(int count)
    {
        for (int i = most - count; i < most; i++)
            SharedStores.Write(ref this[i], Nobody);
    }

    public int CountFree()
    {
        int free = 0;
        for (int i = 0; i < most; i++)
            free += Volatile.Read(ref this[i]) == 0 ? 1 : 0;
        return free;
    }

    public bool TryTake(int party)
    {
        for (int i = 0; i < most; i++)
        {
            if (Volatile.Read(ref this[i]) == 0 && SharedStores.CompareExchange(ref this[i], party + 1, 0) == 0)
                return true;
        }
        return false;
    }

    /// <summary>Gives one back: best one's own, else one that is not there yet, else anybody's, who has passed it on. False: all are there.</summary>
    public bool TryGive(int party) => TryFree(party + 1) || TryFree(Nobody) || TryFree(null);

    /// <summary>By the maker.</summary>
    public void GiveBackThoseOf(int worker)
    {
        while (TryFree(worker + 1))
        {
        }
    }

    private bool TryFree(int? taker)
    {
        for (int i = 0; i < most; i++)
        {
            int seen = Volatile.Read(ref this[i]);
            if (seen != 0 && (taker is null || seen == taker) && SharedStores.CompareExchange(ref this[i], 0, seen) == seen)
                return true;
        }
        return false;
    }
}
