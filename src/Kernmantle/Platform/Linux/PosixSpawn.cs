using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// <c>spawn.h</c>. These functions return the error number. The structures are opaque: glibc and musl need at most
/// 336 bytes, we give <see cref="StructureSize"/>.
/// </summary>
internal static unsafe partial class PosixSpawn
{
    public const int StructureSize = 1024;
    public const int SignalSetSize = 128;
    public const short SetProcessGroup = 2;
    public const short SetSignalDefaults = 4;
    public const short SetSignalMask = 8;

    private const string Library = "libc";

    /// <summary>Not in every C library; null where it is missing. All our descriptors are close-on-exec anyway: it is for those of others.</summary>
    public static readonly delegate* unmanaged<byte*, int, int> AddCloseFrom = FindAddCloseFrom();

    [LibraryImport(Library, EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* processId, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitActions(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyActions(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen")]
    public static partial int AddOpen(byte* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    public static partial int AddChangeDirectory(byte* actions, byte* path);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setpgroup")]
    public static partial int SetGroup(byte* attributes, int processGroup);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "sigemptyset")]
    public static partial int EmptySignals(byte* signals);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    public static partial int AllSignals(byte* signals);

    private static delegate* unmanaged<byte*, int, int> FindAddCloseFrom() =>
        NativeLibrary.TryLoad(Library, out nint library)
        && NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out nint address)
            ? (delegate* unmanaged<byte*, int, int>)address
            : null;
}
