namespace Kernmantle.Platform.Linux;

/// <summary>
/// A memory barrier in all processors that run a process which has asked for it (<c>membarrier(2)</c>): who takes one seldom saves others one for each step. 0.5 µs, and some
/// milliseconds once to ask for it.
/// </summary>
internal static class RemoteBarrier
{
    private const nint Query = 0;
    private const nint GlobalExpedited = 2;
    private const nint RegisterGlobalExpedited = 4;
    private const nint Needed = GlobalExpedited | RegisterGlobalExpedited;

    /// <summary>Whether this system has it, and lets us use it: a seccomp profile may not.</summary>
    public static bool IsAvailable { get; } = LibC.Syscall(LibC.BarrierCall, Query, 0, 0, 0, 0) is > 0 and var known && (known & Needed) == Needed;

    /// <summary>This process is one of those from now on. False: the system refuses.</summary>
    public static bool Join() => LibC.Syscall(LibC.BarrierCall, RegisterGlobalExpedited, 0, 0, 0, 0) == 0;

    /// <summary>What such a process stored before this is seen, and what it reads after this is not older.</summary>
    public static void Force() => _ = LibC.Syscall(LibC.BarrierCall, GlobalExpedited, 0, 0, 0, 0);   // where it is available it does not fail
}
