namespace Kernmantle.Platform.Linux;

/// <summary>What <c>waitid</c> reports. <see cref="Known"/> is false where somebody else reaped the process.</summary>
internal readonly record struct ChildStatus(bool Known, int? ExitCode, int? Signal, TimeSpan CpuTime, long MaxResidentBytes, long VoluntarySwitches, long InvoluntarySwitches)
{
    private const int ExitedByItself = 1;

    /// <summary>Reads <c>siginfo_t</c> (si_code at 8, si_status at 24) and <c>struct rusage</c> of 64-bit Linux.</summary>
    public static unsafe ChildStatus Read(int* info, long* usage)
    {
        int code = info[2];
        int status = info[6];
        return new(
            Known: true,
            ExitCode: code == ExitedByItself ? status : null,
            Signal: code == ExitedByItself ? null : status,
            CpuTime: TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]),
            MaxResidentBytes: usage[4] * 1024,
            VoluntarySwitches: usage[16],
            InvoluntarySwitches: usage[17]);
    }
}
