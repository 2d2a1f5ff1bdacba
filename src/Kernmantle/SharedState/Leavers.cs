namespace Kernmantle.SharedState;

/// <summary>The workers that take no further part in a barrier or a countdown: their death is no loss. A list of their numbers in the page, from the front; where it is full, it is a loss.</summary>
/// <param name="page">The object's.</param>
internal readonly unsafe ref struct Leavers(byte* page)
{
    private const int Most = (StateWords.Size - StateWords.Content) / sizeof(int);

    private ref int this[int index] => ref ((int*)(page + StateWords.Content))[index];

    public void Add(int worker)
    {
        for (int i = 0; i < Most; i++)
        {
            int seen = Volatile.Read(ref this[i]);
            if (seen == worker || (seen == 0 && SharedStores.CompareExchange(ref this[i], worker, 0) == 0))
                return;
        }
    }

    public bool Contains(int worker)
    {
        for (int i = 0; i < Most && Volatile.Read(ref this[i]) is not 0 and int seen; i++)
        {
            if (seen == worker)
                return true;
        }
        return false;
    }
}
