using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>Files that are to outlast a loss of power.</summary>
internal static partial class LibC
{
    public const int NotSupported = 95;          // EOPNOTSUPP
    public const int NoSuchAddress = 6;          // ENXIO
    public const int SeekData = 3;
    public const int PunchHoleKeepSize = 3;      // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FlushData(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int from);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int FileSpace(SafeFileHandle file, int mode, long offset, long length);
}
