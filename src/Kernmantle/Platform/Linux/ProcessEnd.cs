namespace Kernmantle.Platform.Linux;

/// <summary>
/// How a process ended and what it used, as the system reports it. Neither an exit code nor a signal is known where somebody else
/// reaped the process (a host that was started with SIGCHLD ignored).
/// </summary>
/// <param name="ExitCode">The exit code of a process that exited by itself.</param>
/// <param name="Signal">The number of the signal that ended it. A process that was killed has this and no exit code: 137 is an exit code.</param>
/// <param name="CpuTime">User and system time of the process and of those of its children that it waited for.</param>
/// <param name="PeakMemoryBytes">The largest resident size; null where it is not known.</param>
/// <param name="VoluntaryContextSwitches">How often it waited.</param>
/// <param name="InvoluntaryContextSwitches">How often it was interrupted.</param>
internal sealed record ProcessEnd(
    int? ExitCode,
    int? Signal,
    TimeSpan CpuTime,
    long? PeakMemoryBytes,
    long VoluntaryContextSwitches,
    long InvoluntaryContextSwitches)
{
    /// <summary>Its host had asked it to end.</summary>
    public bool WasAsked { get; init; }

    /// <summary>It was asked to end, and did. Code 0 alone says little: any function may call <see cref="Environment.Exit"/>.</summary>
    public bool IsInOrder => WasAsked && ExitCode == 0;

    /// <summary>The end of a process that somebody else reaped.</summary>
    public static ProcessEnd Unknown { get; } = new(null, null, TimeSpan.Zero, null, 0, 0);
}
