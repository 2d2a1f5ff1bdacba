using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What the platform's classes do not offer: which processor a thread runs on, and its sleep on a word.</summary>
internal static unsafe partial class Linux
{
    private const int SetWords = 16, WaitPrivate = 128, WakePrivate = 129;

    private static readonly long Futex = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        var other => throw new Measuring.MissingException($"The number of the system call futex on {other} is not known here."),
    };

    public static int[] AllowedProcessors()
    {
        ulong* words = stackalloc ulong[SetWords];
        new Span<ulong>(words, SetWords).Clear();
        Check(GetAffinity(0, SetWords * sizeof(ulong), words), "sched_getaffinity");
        return [.. Read(words)];
    }

    /// <summary>The calling thread.</summary>
    public static void Pin(int processor)
    {
        ulong* words = stackalloc ulong[SetWords];
        new Span<ulong>(words, SetWords).Clear();
        words[processor / 64] = 1UL << (processor % 64);
        Check(SetAffinity(0, SetWords * sizeof(ulong), words), "sched_setaffinity");
    }

    /// <summary>Sleeps while the word is <paramref name="seen"/>, until a wake-up; it may also return without one.</summary>
    public static void FutexWait(int* word, int seen) => SystemCall(Futex, word, WaitPrivate, seen, null, null, 0);

    public static void FutexWake(int* word) => SystemCall(Futex, word, WakePrivate, 1, null, null, 0);

    private static List<int> Read(ulong* words)
    {
        var all = new List<int>();
        for (int n = 0; n < SetWords * 64; n++)
        {
            if ((words[n / 64] >> (n % 64) & 1) != 0)
                all.Add(n);
        }
        return all;
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed");
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nint bytes, ulong* words);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint bytes, ulong* words);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, int* word, int operation, int value, void* timeout, void* second, int third);
}
