using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>Descriptors that no other process inherits, however it is started.</summary>
internal static unsafe class Descriptors
{
    private const int UnixDomain = 1;
    private const int Stream = 1;
    private const int DuplicateCloseOnExec = 1030;
    private const int SetFlags = 2;
    private const int SetPipeSize = 1031;
    private const int OnePage = 4096;

    public static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        int* pair = stackalloc int[2];
        if (LibC.Pipe2(pair, LibC.CloseOnExec) != 0)
            throw Error("pipe2");
        return (new(pair[0], true), new(pair[1], true));
    }

    /// <summary>A pipe that nothing is written to: it takes as little as it can of the memory that a user's pipes may have.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) SmallPipe()
    {
        (SafeFileHandle read, SafeFileHandle write) = Pipe();
        _ = LibC.Fcntl((int)read.DangerousGetHandle(), SetPipeSize, OnePage);   // if that is refused the pipe stays larger, and nothing else changes
        return (read, write);
    }

    public static (SafeFileHandle Ours, SafeFileHandle Theirs) SocketPair()
    {
        int* pair = stackalloc int[2];
        if (LibC.SocketPair(UnixDomain, Stream | LibC.CloseOnExec, 0, pair) != 0)
            throw Error("socketpair");
        return (new(pair[0], true), new(pair[1], true));
    }

    /// <summary>A copy whose number is at least <paramref name="minimum"/>.</summary>
    public static SafeFileHandle DuplicateAbove(SafeFileHandle source, int minimum)
    {
        int copy = LibC.Fcntl((int)source.DangerousGetHandle(), DuplicateCloseOnExec, minimum);
        return copy >= 0 ? new(copy, true) : throw Error("fcntl");
    }

    public static void CloseOnExec(int descriptor)
    {
        if (LibC.Fcntl(descriptor, SetFlags, LibC.FdCloseOnExec) != 0)
            throw Error("fcntl");
    }

    private static Win32Exception Error(string function)
    {
        int error = Marshal.GetLastPInvokeError();
        return new(error, $"{function}: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
