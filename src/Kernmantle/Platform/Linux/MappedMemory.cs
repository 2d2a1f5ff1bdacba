using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// Shared memory in this process's addresses. Whoever looks at it without holding a lock that <see cref="SafeHandle.Dispose()"/> waits
/// for holds a reference (<see cref="SafeHandle.DangerousAddRef"/>): a look at unmapped memory ends the process.
/// </summary>
internal sealed unsafe class MappedMemory : SafeHandle
{
    private const nint Failed = -1;

    private readonly nuint length;

    private MappedMemory(nint address, nuint length)
        : base(0, ownsHandle: true)
    {
        this.length = length;
        SetHandle(address);
    }

    public override bool IsInvalid => handle is 0 or Failed;

    public byte* Start => (byte*)handle;

    /// <summary>Maps all of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="length">Of it, in bytes.</param>
    /// <param name="isReadOnly">It is not written here.</param>
    /// <param name="isTouched">All of it will be: its pages are found now, and not one by one.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refuses.</exception>
    public static MappedMemory Of(SafeHandle file, long length, bool isReadOnly = false, bool isTouched = false)
    {
        nint address = LibC.Map(0, (nuint)length, isReadOnly ? LibC.ReadOnly : LibC.ReadWrite, isTouched ? LibC.MapShared | LibC.MapPopulate : LibC.MapShared, (int)file.DangerousGetHandle(), 0);
        return address == Failed ? throw SharedFile.Error("mmap") : new(address, (nuint)length);
    }

    /// <summary>
    /// Maps a page for words and, behind it, each of two rings twice in a row: what runs over a ring's end continues at
    /// its start without anybody having to look.
    /// </summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refuses.</exception>
    public static MappedMemory OfRings(SafeHandle file, int words, int ring)
    {
        nuint total = (nuint)words + (nuint)ring * 4;
        nint start = LibC.Map(0, total, LibC.NoAccess, LibC.MapPrivateAnonymous, -1, 0);
        if (start == Failed)
            throw SharedFile.Error("mmap");
        var mapping = new MappedMemory(start, total);
        nint at = start;
        foreach ((int offset, int size) in ((int, int)[])[(0, words), (words, ring), (words, ring), (words + ring, ring), (words + ring, ring)])
        {
            if (LibC.Map(at, (nuint)size, LibC.ReadWrite, LibC.MapShared | LibC.MapFixed, (int)file.DangerousGetHandle(), offset) == Failed)
            {
                Exception error = SharedFile.Error("mmap");
                mapping.Dispose();
                throw error;
            }
            at += size;
        }
        return mapping;
    }

    protected override bool ReleaseHandle() => LibC.Unmap(handle, length) == 0;
}
