using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Start;

namespace Kernmantle.Child.Hook;

/// <summary>
/// A worker and what it started end with the host, whatever they do then and however the host ends. The host alone holds the writing end of a pipe; when
/// the kernel closes it, it sends the signal that <c>F_SETSIG</c> names (fcntl(2)) to the process group that <c>F_SETOWN</c> names: SIGKILL, to all of it.
/// Also to stopped ones. A process that left the group, as a daemon does, is not reached.
/// </summary>
/// <remarks>
/// The parent-death signal of prctl(2) is no second line: it would come first, be it by moments, and a worker that is dead no longer holds the pipe, by which
/// the others would have been found. Where the system knows no <c>F_SETSIG</c> it is what remains.
/// </remarks>
internal static unsafe class Lifeline
{
    private const int SetParentDeathSignal = 1;
    private const int GetStatus = 3;
    private const int SetStatus = 4;
    private const int SetOwner = 8;
    private const int SetSignal = 10;
    private const int SignalOnEvents = 0x2000;   // O_ASYNC, on x64 and arm64

    /// <param name="host">The process that started this one.</param>
    public static void Bind(int host)
    {
        const int life = WorkerTicket.LifeDescriptor;
        Descriptors.CloseOnExec(life);
        bool isBound = LibC.Fcntl(life, SetSignal, LibC.SigKill) == 0
            && LibC.Fcntl(life, SetOwner, -LibC.GetProcessGroup()) == 0
            && LibC.Fcntl(life, GetStatus, 0) is >= 0 and var status
            && LibC.Fcntl(life, SetStatus, status | SignalOnEvents) == 0;
        if (!isBound)
            _ = LibC.Prctl(SetParentDeathSignal, LibC.SigKill, 0, 0, 0);
        if (HasClosed(life) || (!isBound && LibC.GetParentProcessId() != host))
            LibC.ExitNow(WorkerExitCodes.HostGone);
    }

    /// <summary>The host ended before this process listened.</summary>
    private static bool HasClosed(int descriptor)
    {
        PollEntry entry = new() { Descriptor = descriptor };
        return LibC.Poll(&entry, 1, 0) > 0;
    }
}
