using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>What the platform's own files do not offer: to have the disk know of a file, and to give back space in the midst of one.</summary>
internal static class DurableFile
{
    /// <summary>Returns when the disk has what was written to the file, and how long it is.</summary>
    /// <exception cref="IOException">The disk failed. What was written since the flush before may be lost, also if another flush succeeds.</exception>
    public static void FlushData(SafeFileHandle file)
    {
        if (LibC.FlushData(file) != 0)
            throw Error("fdatasync");
    }

    /// <summary>Returns when the disk has the file's entry in its folder.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void FlushFolderOf(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        int descriptor = LibC.Open(folder, LibC.CloseOnExec);
        if (descriptor < 0)
            throw Error("open");
        using var opened = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LibC.Flush(opened) != 0 && Marshal.GetLastPInvokeError() != LibC.Invalid)   // some file systems have nothing to flush there
            throw Error("fsync");
    }

    /// <summary>Gives the disk back what lies there: it reads as zeros from now on, and the file is as long as before. False: this file system cannot.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static bool TryPunchHole(SafeFileHandle file, long offset, long length)
    {
        if (LibC.FileSpace(file, LibC.PunchHoleKeepSize, offset, length) == 0)
            return true;
        return Marshal.GetLastPInvokeError() is LibC.NotSupported or LibC.NoSuchCall ? false : throw Error("fallocate");
    }

    /// <summary>Where there may be something else than zeros, from there on; null if there is nothing. Moves the file's own offset.</summary>
    public static long? FindData(SafeFileHandle file, long from)
    {
        long found = LibC.Seek(file, from, LibC.SeekData);
        if (found >= 0)
            return found;
        return Marshal.GetLastPInvokeError() == LibC.NoSuchAddress ? null : from;   // where it cannot be told, anywhere
    }

    private static IOException Error(string function)
    {
        int error = Marshal.GetLastPInvokeError();
        return new($"{function}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
