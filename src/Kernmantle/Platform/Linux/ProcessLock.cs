using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// A lock on a byte of a file that all who use it have open: a process has it, not a thread, and a process that ends gives it back (<c>fcntl(F_SETLKW)</c>). It goes too if the process closes any other descriptor of that file.
/// </summary>
internal static unsafe class ProcessLock
{
    private const int SetAndWait = 7;
    private const short Exclusive = 1, Free = 2;

    /// <summary>Waits for it. One thread of a process at a time.</summary>
    /// <exception cref="IOException">This file system has no locks.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static void Take(SafeFileHandle file, long place) => Set(file, place, Exclusive);

    public static void GiveBack(SafeFileHandle file, long place) => Set(file, place, Free);

    private static void Set(SafeFileHandle file, long place, short kind)
    {
        var wanted = new Region { Kind = kind, Start = place, Length = 1 };
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            while (LibC.Fcntl((int)file.DangerousGetHandle(), SetAndWait, (nint)(&wanted)) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != LibC.Interrupted)
                    throw new IOException($"fcntl(F_SETLKW): {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
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
