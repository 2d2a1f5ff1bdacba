namespace Kernmantle.Platform.Linux;

/// <summary>On which processor a thread runs, and which of them have nothing to do.</summary>
internal static unsafe class Processors
{
    /// <summary>1024 of them, as the C library's <c>cpu_set_t</c>.</summary>
    private const int Words = 16, WordBits = 64;

    /// <summary>That of the calling thread, just now; -1 where the system does not say.</summary>
    public static int Current => LibC.CurrentProcessor();

    /// <summary>Has the calling thread go on on one of those that it may use, and leaves it to the system from there. False: it may not use that.</summary>
    public static bool TryMoveTo(int processor)
    {
        ulong* allowed = stackalloc ulong[Words];
        ulong* only = stackalloc ulong[Words];
        new Span<ulong>(allowed, Words).Clear();
        new Span<ulong>(only, Words).Clear();
        if ((uint)processor >= Words * WordBits || LibC.GetAffinity(0, Words * sizeof(ulong), allowed) != 0)
            return false;
        only[processor / WordBits] = 1UL << (processor % WordBits);
        if ((allowed[processor / WordBits] & only[processor / WordBits]) == 0 || LibC.SetAffinity(0, Words * sizeof(ulong), only) != 0)
            return false;
        return LibC.SetAffinity(0, Words * sizeof(ulong), allowed) == 0;
    }
}
