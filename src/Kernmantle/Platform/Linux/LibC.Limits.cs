using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>Limits of another process, and what it has used.</summary>
internal static unsafe partial class LibC
{
    public const int LimitCpu = 0;         // RLIMIT_CPU and RLIMIT_NOFILE are one value on x64 and arm64
    public const int LimitOpenFiles = 7;
    public const int NoSuchProcess = 3;    // ESRCH

    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    /// <param name="processId">Of the same user.</param>
    /// <param name="resource">One of the constants.</param>
    /// <param name="limit">The soft and the hard limit; null to leave them.</param>
    /// <param name="old">What they were; null not to know.</param>
    [LibraryImport(Library, EntryPoint = "prlimit", SetLastError = true)]
    public static partial int ProcessLimit(int processId, int resource, ulong* limit, ulong* old);

    /// <param name="clock">The number of the clock.</param>
    /// <param name="time">Seconds and nanoseconds.</param>
    [LibraryImport(Library, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ClockTime(int clock, long* time);

    /// <summary>The clock of the processor time that all threads of a process have used: what <c>clock_getcpuclockid</c> makes of its number.</summary>
    public static int CpuClockOf(int processId) => (~processId << 3) | 2;
}
