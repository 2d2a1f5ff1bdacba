using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Wire.Shared;

/// <summary>What a message over the socket beside the rings says. Only the host says anything there.</summary>
internal enum ControlKind
{
    /// <summary>The worker's reader thread is to look at the ring, since the main thread may not.</summary>
    Nudge = 1,

    /// <summary>Here is a segment, into which the host writes.</summary>
    ForRequests = 2,

    /// <summary>Here is a segment, into which the worker writes.</summary>
    ForAnswers = 3,

    /// <summary>There is no segment of that size to be had.</summary>
    Refused = 4,

    /// <summary>The segment is no longer used.</summary>
    Drop = 5,

    /// <summary>Here is the memory of a shared buffer that a call will name.</summary>
    Buffer = 6,

    /// <summary>Here is the memory that was asked for; without a descriptor if the worker has it already.</summary>
    Granted = 7,

    /// <summary>There is no such memory to be had.</summary>
    BufferRefused = 8,

    /// <summary>The memory is gone.</summary>
    DropBuffer = 9,

    /// <summary>Here is a segment for slices, into which both write.</summary>
    ForSlices = 10,

    /// <summary>Here are other rings, each of that length, for a worker that has run nothing: it leaves its own for them, and is greeted anew. <see cref="Bell"/> follows.</summary>
    Rings = 11,

    /// <summary>Here is the doorbell page of the pool whose rings came before it.</summary>
    Bell = 12,

    /// <summary>Here is a descriptor that belongs to the memory of that id, which follows; its number, from 0, instead of a length.</summary>
    Attachment = 14,

    /// <summary>The key of the memory of that id, instead of a length: what that is called from now on. Before <see cref="Granted"/>.</summary>
    Key = 15,

    /// <summary>To a worker of another language: here is a connection for what the host shares with it.</summary>
    Objects = 13,

    /// <summary>To a worker of another language: here is memory into which it is to write what its threads are doing, at each signal of that number.</summary>
    Stacks = 16,
}

/// <summary>One message.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Id">The segment's.</param>
/// <param name="Length">The segment's, in bytes.</param>
internal readonly record struct ControlMessage(ControlKind Kind, int Id = 0, long Length = 0);

/// <summary>Messages over the socket, with a descriptor or without: <c>sendmsg(2)</c> and <c>recvmsg(2)</c> with <c>SCM_RIGHTS</c>.</summary>
internal static unsafe class ControlChannel
{
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;
    private const int WholeMessage = 0x100;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int Interrupted = 4;
    private const int TryAgain = 11;

    /// <summary>By the host. False: the worker has ended, or does not read.</summary>
    public static bool TrySend(SafeHandle socket, ControlMessage message, SafeFileHandle? file = null)
    {
        var attached = new Attached { Length = 20, Level = SocketLevel, Type = Rights };
        var text = new Header.Vector { Base = &message, Length = (nuint)sizeof(ControlMessage) };
        var header = new Header { Vectors = &text, Count = 1 };
        bool held = false, fileHeld = false;
        try
        {
            socket.DangerousAddRef(ref held);
            if (file is not null)
            {
                file.DangerousAddRef(ref fileHeld);
                attached.Descriptor = (int)file.DangerousGetHandle();
                header.Control = &attached;
                header.ControlLength = (nuint)sizeof(Attached);
            }
            return LibC.SendMessage((int)socket.DangerousGetHandle(), (byte*)&header, DoNotWait | NoSignal) == sizeof(ControlMessage);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held)
                socket.DangerousRelease();
            if (fileHeld)
                file!.DangerousRelease();
        }
    }

    /// <summary>By the worker's reader thread: waits for a message. False: the host is gone.</summary>
    public static bool TryReceive(SafeHandle socket, out ControlMessage message, out SafeFileHandle? file) =>
        Receive(socket, WholeMessage, out message, out file) == sizeof(ControlMessage);

    /// <summary>By the worker's reader thread: takes a message that is there already.</summary>
    public static bool TryTake(SafeHandle socket, out ControlMessage message, out SafeFileHandle? file, out bool isGone)
    {
        nint count = Receive(socket, DoNotWait, out message, out file);
        isGone = count == 0 || (count < 0 && Marshal.GetLastPInvokeError() != TryAgain);
        return count == sizeof(ControlMessage);
    }

    private static nint Receive(SafeHandle socket, int flags, out ControlMessage message, out SafeFileHandle? file)
    {
        ControlMessage read = default;
        Attached attached = default;
        var text = new Header.Vector { Base = &read, Length = (nuint)sizeof(ControlMessage) };
        nint count;
        do
        {
            var header = new Header { Vectors = &text, Count = 1, Control = &attached, ControlLength = (nuint)sizeof(Attached) };
            count = LibC.ReceiveMessage((int)socket.DangerousGetHandle(), (byte*)&header, CloseOnExec | flags);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        message = read;
        file = attached is { Length: > 0, Type: Rights } ? new(attached.Descriptor, ownsHandle: true) : null;
        return count;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public void* Name;
        public nuint NameLength;
        public Vector* Vectors;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public nint Flags;

        public struct Vector
        {
            public void* Base;
            public nuint Length;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Attached
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
        private readonly int padding;
    }
}
