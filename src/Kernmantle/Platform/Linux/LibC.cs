using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

// The C library is not looked for beside this assembly first.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.System32)]

namespace Kernmantle.Platform.Linux;

/// <summary>The C library, as declared in its headers. Errors are in <see cref="Marshal.GetLastPInvokeError"/> unless said otherwise.</summary>
internal static unsafe partial class LibC
{
    public const int CloseOnExec = 0x80000;   // O_CLOEXEC, SOCK_CLOEXEC and EPOLL_CLOEXEC are one value on x64 and arm64
    public const int SigKill = 9;
    public const int Interrupted = 4;     // EINTR
    public const int TryAgain = 11;       // EAGAIN
    public const int NoBuffers = 105;     // ENOBUFS

    /// <summary>PRIO_PROCESS and PRIO_PGRP.</summary>
    public const int OneProcess = 0;
    public const int ProcessGroup = 1;

    public const int FdCloseOnExec = 1;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe2(int* descriptors, int flags);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint WriteBytes(SafeFileHandle descriptor, byte* bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint ReadBytes(SafeFileHandle descriptor, byte* space, nuint length);

    [LibraryImport(Library, EntryPoint = "alarm")]
    public static partial uint Alarm(uint seconds);

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    public static partial int SocketPair(int domain, int type, int protocol, int* descriptors);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* space, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int socket, int how);

    /// <param name="entries">What to look at.</param>
    /// <param name="count">How many.</param>
    /// <param name="milliseconds">How long to wait; 0 for a look.</param>
    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    /// <summary>A number from -20 to 19: 19 is served last.</summary>
    [LibraryImport(Library, EntryPoint = "getpriority")]
    public static partial int GetPriority(int which, int who);

    [LibraryImport(Library, EntryPoint = "setpriority")]
    public static partial int SetPriority(int which, int who, int priority);

    [LibraryImport(Library, EntryPoint = "sched_getcpu")]
    [SuppressGCTransition]
    public static partial int CurrentProcessor();

    [LibraryImport(Library, EntryPoint = "sched_getaffinity")]
    public static partial int GetAffinity(int thread, nint bytes, ulong* processors);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity")]
    public static partial int SetAffinity(int thread, nint bytes, ulong* processors);

    [LibraryImport(Library, EntryPoint = "getppid")]
    public static partial int GetParentProcessId();

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint GetUser();

    [LibraryImport(Library, EntryPoint = "getpgrp")]
    public static partial int GetProcessGroup();

    /// <summary>Ends the process without running anything more of it.</summary>
    [LibraryImport(Library, EntryPoint = "_exit")]
    [DoesNotReturn]
    public static partial void ExitNow(int code);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    public static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport(Library, EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport(Library, EntryPoint = "unsetenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnsetEnvironment(string name);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int capacity, int timeoutMilliseconds);
}
