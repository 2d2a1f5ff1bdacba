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
    private const nint SealFutureWrite = 0x10;

    /// <summary>Creates memory of that size, all zero.</summary>
    /// <param name="name">Shown in <c>/proc</c>.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="reserve">Take the memory from the system now, so that a lack of it is an error here and not a fatal signal later.</param>
    /// <exception cref="Win32Exception">The system refuses: no such call, a seccomp profile, too little memory.</exception>
    public static SafeFileHandle Create(string name, long length, bool reserve)
    {
        SafeFileHandle file = CreateUnsealed(name, length, reserve);
        try
        {
            Seal(file, SealShrinkGrowSeal);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The same, reserved, and writable by nobody but through the mapping that is returned with it: whoever is handed the descriptor can map it to read. Before Linux 5.1 it cannot be sealed so.</summary>
    /// <exception cref="Win32Exception">The system refuses.</exception>
    public static SafeFileHandle CreateReadOnly(string name, long length, out MappedMemory memory)
    {
        SafeFileHandle file = CreateUnsealed(name, length, reserve: true);
        MappedMemory? mapped = null;
        try
        {
            mapped = MappedMemory.Of(file, length, isTouched: true);
            if (!TrySeal(file, SealFutureWrite) && Marshal.GetLastPInvokeError() != LibC.Invalid)
                throw Error("fcntl(F_ADD_SEALS)");
            Seal(file, SealShrinkGrowSeal);
            memory = mapped;
            return file;
        }
        catch
        {
            mapped?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>0, or what the system says. It gives up for any signal, such as those by which the runtime stops a thread for the collector.</summary>
    private static int Reserve(int descriptor, long length)
    {
        int error;
        do
            error = LibC.Allocate(descriptor, 0, (nint)length);
        while (error == LibC.Interrupted);
        return error;
    }

    private static SafeFileHandle CreateUnsealed(string name, long length, bool reserve)
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
            if (reserve && Reserve((int)descriptor, length) is not 0 and int error)
                throw new Win32Exception(error, $"{length} bytes of shared memory could not be had: {Marshal.GetPInvokeErrorMessage(error)}");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static bool TrySeal(SafeFileHandle file, nint seals) => LibC.Fcntl((int)file.DangerousGetHandle(), LibC.AddSeals, seals) == 0;

    private static void Seal(SafeFileHandle file, nint seals)
    {
        if (!TrySeal(file, seals))
            throw Error("fcntl(F_ADD_SEALS)");
    }

    public static Win32Exception Error(string function)
    {
        int error = Marshal.GetLastPInvokeError();
        return new(error, $"{function}: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
