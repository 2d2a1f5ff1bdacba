using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// A process by descriptor, which names one process for good, where a number may come to name another. The C library
/// does not wrap these everywhere, hence the system calls.
/// </summary>
internal static unsafe class ProcessFd
{
    private const int Open = 434;
    private const int SendSignal = 424;
    private const int ById = 1;
    private const int ByGroup = 2;
    private const int ByDescriptor = 3;
    private const int DoNotWait = 1;
    private const int ProcessIdField = 4;   // si_pid, at 16
    private const int Exited = 4;
    private const int NoSuchChild = 10;
    private const int Interrupted = 4;

    /// <summary>The number of <c>waitid</c>, whose raw form also reports what the process used; 0 where we do not know it.</summary>
    private static readonly int WaitId = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 247,
        Architecture.Arm64 => 95,
        _ => 0,
    };

    /// <summary>Whether the architecture and the kernel have what we need.</summary>
    public static bool IsSupported()
    {
        if (WaitId == 0)
            return false;
        using SafeFileHandle self = TryOpen(Environment.ProcessId);
        return !self.IsInvalid;
    }

    /// <summary>Opens a child that has not been reaped; the handle is invalid where that failed.</summary>
    public static SafeFileHandle TryOpen(int processId) => new(LibC.Syscall(Open, processId, 0, 0, 0, 0), ownsHandle: true);

    public static void Signal(SafeFileHandle process, int signal) =>
        // It may have ended already, which is all a killer wants.
        _ = LibC.Syscall(SendSignal, process.DangerousGetHandle(), signal, 0, 0, 0);

    /// <summary>Reaps a process that has ended, or waits for its end.</summary>
    public static ChildStatus Reap(SafeFileHandle process) => Reap(ByDescriptor, process.DangerousGetHandle());

    /// <summary>The same for a child that could not be opened.</summary>
    public static ChildStatus Reap(int processId) => Reap(ById, processId);

    /// <summary>Reaps those of a group that are children of this process and have ended. False: some have not ended yet.</summary>
    /// <remarks>Where this process is the first of a container, or a subreaper, it gets the children of its workers.</remarks>
    public static bool ReapGroup(int group)
    {
        long* info = stackalloc long[16];
        do
        {
            new Span<long>(info, 16).Clear();
            if (LibC.Syscall(WaitId, ByGroup, group, (nint)info, Exited | DoNotWait, 0) != 0 && Marshal.GetLastPInvokeError() != Interrupted)
                return true;   // there is none
        }
        while (((int*)info)[ProcessIdField] != 0);
        return false;
    }

    private static ChildStatus Reap(int idType, nint id)
    {
        long* info = stackalloc long[16];   // siginfo_t: 128 bytes
        long* usage = stackalloc long[32];  // struct rusage: 144 bytes
        new Span<long>(info, 16).Clear();
        new Span<long>(usage, 32).Clear();
        while (LibC.Syscall(WaitId, idType, id, (nint)info, Exited, (nint)usage) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == NoSuchChild)
                return default;
            if (error != Interrupted)
                throw new Win32Exception(error, "waitid");
        }
        return ChildStatus.Read((int*)info, usage);
    }
}
