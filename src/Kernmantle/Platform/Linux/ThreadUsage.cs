using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>What the calling thread has used so far, from <c>getrusage(RUSAGE_THREAD)</c>.</summary>
internal sealed partial record ThreadUsage(TimeSpan CpuTime, long VoluntaryContextSwitches, long InvoluntaryContextSwitches)
{
    private const int RusageThread = 1;

    /// <summary>Null on systems other than Linux, which do not say.</summary>
    public static ThreadUsage? OfThisThread()
    {
        if (!OperatingSystem.IsLinux() || GetUsage(RusageThread, out Usage usage) != 0)
            return null;
        return new(
            TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds) + TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds),
            usage.VoluntarySwitches,
            usage.InvoluntarySwitches);
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, out Usage usage);

    /// <summary><c>struct rusage</c> of 64-bit Linux: 18 words.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 18 * 8)]
    private readonly struct Usage
    {
        [FieldOffset(0)]
        public readonly long UserSeconds;

        [FieldOffset(8)]
        public readonly long UserMicroseconds;

        [FieldOffset(16)]
        public readonly long SystemSeconds;

        [FieldOffset(24)]
        public readonly long SystemMicroseconds;

        [FieldOffset(16 * 8)]
        public readonly long VoluntarySwitches;

        [FieldOffset(17 * 8)]
        public readonly long InvoluntarySwitches;
    }
}
