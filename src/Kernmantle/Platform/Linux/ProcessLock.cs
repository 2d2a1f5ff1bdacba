using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// A lock on a byte of a file that all who use it have open: a process has it, not a thread, and a process that ends gives it back (<c>fcntl(F_SETLK)</c>). It goes too if the process closes any other descriptor of that file.
/// </summary>
internal static unsafe class ProcessLock
{
    private const int SetIfFree = 6, AccessDenied = 13;
    private const short Exclusive = 1, Free = 2;

    /// <summary>Waits for it, at most that long: looks again and again, since the kernel's own waiting has no bound. One thread of a process at a time.</summary>
    /// <exception cref="IOException">This file system has no locks.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static bool TryTake(SafeFileHandle file, long place, TimeSpan bound)
    {
        long started = Stopwatch.GetTimestamp();
        var wait = new SpinWait();
        while (!TrySet(file, place, Exclusive))
        {
            if (Stopwatch.GetElapsedTime(started) > bound)
                return false;
            wait.SpinOnce();
        }
        return true;
    }

    public static void GiveBack(SafeFileHandle file, long place) => TrySet(file, place, Free);

    private static bool TrySet(SafeFileHandle file, long place, short kind)
    {
        var wanted = new Region { Kind = kind, Start = place, Length = 1 };
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            if (LibC.Fcntl((int)file.DangerousGetHandle(), SetIfFree, (nint)(&wanted)) == 0)
                return true;
            int error = Marshal.GetLastPInvokeError();
            return error is LibC.TryAgain or AccessDenied or LibC.Interrupted ? false : throw new IOException($"fcntl(F_SETLK): {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }

    /// <summary><c>struct flock</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Region
    {
        public short Kind;
        public short From;
        public long Start;
        public long Length;
        public int Process;
    }
}
