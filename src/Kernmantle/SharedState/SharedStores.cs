namespace Kernmantle.SharedState;

/// <summary>
/// Every store to memory of shared objects goes through here, which a test holds: so that a test can end a worker before each of them in turn
/// (the switch <see cref="Switch"/>), and see that those who are left go on.
/// </summary>
internal static class SharedStores
{
    /// <summary>Set in a program that steps, before its first store.</summary>
    public const string Switch = "Kernmantle.StepSharedStores";

    private static readonly bool IsStepped = AppContext.TryGetSwitch(Switch, out bool isOn) && isOn;

    /// <summary>Called with the number of the store, from 1, on the thread that is about to make it.</summary>
    public static Action<int>? Before { get; set; }

    private static int made;

    public static void Write(ref int word, int value)
    {
        Step();
        Volatile.Write(ref word, value);
    }

    public static void Write(ref long word, long value)
    {
        Step();
        Volatile.Write(ref word, value);
    }

    public static int Exchange(ref int word, int value)
    {
        Step();
        return Interlocked.Exchange(ref word, value);
    }

    public static long Exchange(ref long word, long value)
    {
        Step();
        return Interlocked.Exchange(ref word, value);
    }

    public static int CompareExchange(ref int word, int value, int comparand)
    {
        Step();
        return Interlocked.CompareExchange(ref word, value, comparand);
    }

    public static long CompareExchange(ref long word, long value, long comparand)
    {
        Step();
        return Interlocked.CompareExchange(ref word, value, comparand);
    }

    public static void Or(ref long word, long bits)
    {
        Step();
        Interlocked.Or(ref word, bits);
    }

    public static void And(ref long word, long bits)
    {
        Step();
        Interlocked.And(ref word, bits);
    }

    public static void Increment(ref int word)
    {
        Step();
        Interlocked.Increment(ref word);
    }

    public static void Increment(ref long word)
    {
        Step();
        Interlocked.Increment(ref word);
    }

    /// <summary>No store, but all before it are seen before what is read after it is read.</summary>
    public static void Fence() => Interlocked.MemoryBarrier();

    public static void Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        Step();
        from.CopyTo(to);
    }

    private static void Step()
    {
        if (IsStepped)
            Before?.Invoke(Interlocked.Increment(ref made));
    }
}
