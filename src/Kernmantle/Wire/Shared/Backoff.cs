namespace Kernmantle.Wire.Shared;

/// <summary>Leaves out what was in vain: the next 1, 2, 4, up to 64 times. Racy on purpose: the worst is once too often.</summary>
internal struct Backoff
{
    private const int Most = 64;

    private int last;
    private int left;

    /// <summary>One that begins with leaving out so many.</summary>
    public static Backoff Of(int first) => new() { left = first };

    public bool IsLeftOut()
    {
        if (Volatile.Read(ref left) <= 0)
            return false;
        left--;
        return true;
    }

    public void InVain()
    {
        last = Math.Min(Math.Max(last * 2, 1), Most);
        left = last;
    }

    public void Succeeded() => last = 0;
}
