using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// Memory without a name (<c>memfd</c>): only who is handed the descriptor can map it, no folder has to be there or writable, and it
/// goes with its last user, however that ends. Sealed against shrinking: a worker that cut it would make its host's next look at
/// it a fatal signal.
/// </summary>
internal static unsafe class SharedFile
{
    private const nint CloseOnExecAllowSealing = 3;
    private const nint SealShrinkGrowSeal = 7;

    /// <summary>Creates memory of that size, all zero.</summary>
    /// <param name="name">Shown in <c>/proc</c>.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="reserve">Take the memory from the system now, so that a lack of it is an error here and not a fatal signal later.</param>
    /// <exception cref="Win32Exception">The system refuses: no such call, a seccomp profile, too little memory.</exception>
    public static SafeFileHandle Create(string name, long length, bool reserve)
    {
        using var text = new Utf8Array([name]);
        nint descriptor = LibC.Syscall(LibC.MemoryFileCall, (nint)text.Pointer[0], CloseOnExecAllowSealing, 0, 0, 0);
        if (descriptor < 0)
            throw Error("memfd_create");
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            if (LibC.SetLength((int)descriptor, (nint)length) != 0)
                throw Error("ftruncate");
            if (reserve && LibC.Allocate((int)descriptor, 0, (nint)length) is not 0 and int error)
                throw new Win32Exception(error, $"{length} bytes of shared memory could not be had: {Marshal.GetPInvokeErrorMessage(error)}");
            if (LibC.Fcntl((int)descriptor, LibC.AddSeals, SealShrinkGrowSeal) != 0)
                throw Error("fcntl(F_ADD_SEALS)");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static Win32Exception Error(string function)
    {
        int error = Marshal.GetLastPInvokeError();
        return new(error, $"{function}: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
