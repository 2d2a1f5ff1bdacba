namespace Kernmantle.Platform.Linux;

/// <summary>Sleeping on a word that processes share: <c>futex(2)</c>, not the private kind.</summary>
internal static unsafe class Futex
{
    private const nint WaitOperation = 0;
    private const nint WakeOperation = 1;

    /// <summary>Whether this system lets us use it: a seccomp profile may not.</summary>
    public static bool IsAvailable { get; } = Probe();

    /// <summary>Sleeps while the word is <paramref name="expected"/>, until woken. May return for no reason.</summary>
    public static void Wait(ref int word, int expected) => Wait(ref word, expected, null);

    /// <summary>The same for at most that long.</summary>
    public static void Wait(ref int word, int expected, TimeSpan atMost)
    {
        long* bound = stackalloc long[2] { atMost.Ticks / TimeSpan.TicksPerSecond, atMost.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        Wait(ref word, expected, bound);
    }

    private static void Wait(ref int word, int expected, long* bound)
    {
        fixed (int* address = &word)
            _ = LibC.Syscall(LibC.FutexCall, (nint)address, WaitOperation, expected, (nint)bound, 0);
    }

    /// <summary>Changes the word, so that who is about to sleep does not, and wakes who sleeps.</summary>
    public static void Signal(ref int word)
    {
        Interlocked.Increment(ref word);
        Wake(ref word, int.MaxValue);
    }

    /// <summary>Wakes as many of those that sleep.</summary>
    public static void Wake(ref int word, int count)
    {
        fixed (int* address = &word)
            _ = LibC.Syscall(LibC.FutexCall, (nint)address, WakeOperation, count, 0, 0);
    }

    private static bool Probe()
    {
        int word = 0;
        return LibC.Syscall(LibC.FutexCall, (nint)(&word), WakeOperation, 1, 0, 0) >= 0;
    }
}
