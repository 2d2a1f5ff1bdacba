namespace Kernmantle.Platform.Linux;

/// <summary>Sleeping on a word that processes share: <c>futex(2)</c>, not the private kind.</summary>
internal static unsafe class Futex
{
    private const nint WaitOperation = 0;
    private const nint WakeOperation = 1;

    /// <summary>Whether this system lets us use it: a seccomp profile may not.</summary>
    public static bool IsAvailable { get; } = Probe();

    /// <summary>Sleeps while the word is <paramref name="expected"/>, until woken, or for at most <paramref name="milliseconds"/> (-1: no end). May return for no reason.</summary>
    public static void Wait(ref int word, int expected, int milliseconds = -1)
    {
        long* bound = stackalloc long[2] { milliseconds / 1000, milliseconds % 1000 * 1_000_000L };
        fixed (int* address = &word)
            _ = LibC.Syscall(LibC.FutexCall, (nint)address, WaitOperation, expected, milliseconds < 0 ? 0 : (nint)bound, 0);
    }

    /// <summary>Changes the word, so that who is about to sleep does not, and wakes who sleeps.</summary>
    public static void Signal(ref int word)
    {
        Interlocked.Increment(ref word);
        fixed (int* address = &word)
            _ = LibC.Syscall(LibC.FutexCall, (nint)address, WakeOperation, int.MaxValue, 0, 0);
    }

    private static bool Probe()
    {
        int word = 0;
        return LibC.Syscall(LibC.FutexCall, (nint)(&word), WakeOperation, 1, 0, 0) >= 0;
    }
}
