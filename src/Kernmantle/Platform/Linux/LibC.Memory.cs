using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>Memory that processes share, and the waiting on it.</summary>
internal static unsafe partial class LibC
{
    public const int ReadWrite = 3;      // PROT_READ | PROT_WRITE
    public const int ReadOnly = 1;       // PROT_READ
    public const int NoAccess = 0;       // PROT_NONE
    public const int MapShared = 1;
    public const int MapPrivateAnonymous = 0x22;
    public const int MapFixed = 0x10;
    public const int MapPopulate = 0x8000;
    public const int PopulateWrite = 23; // MADV_POPULATE_WRITE
    public const int AddSeals = 1033;
    public const int Invalid = 22;       // EINVAL
    public const int NoSuchCall = 38;    // ENOSYS
    public const int NotPermitted = 1;   // EPERM

    private static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static nint MemoryFileCall => IsArm64 ? 279 : 319;

    public static nint FutexCall => IsArm64 ? 98 : 202;

    public static nint BarrierCall => IsArm64 ? 283 : 324;

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    [LibraryImport(Library, EntryPoint = "mincore")]
    public static partial int Resident(nint address, nuint length, byte* pages);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(int descriptor, nint length);

    /// <summary>Returns the error itself.</summary>
    [LibraryImport(Library, EntryPoint = "posix_fallocate")]
    public static partial int Allocate(int descriptor, nint offset, nint length);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int socket, byte* message, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int socket, byte* message, int flags);
}
