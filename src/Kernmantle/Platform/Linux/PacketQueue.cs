using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// A queue of packets in the kernel, which keeps them whole whoever writes and reads, and in whatever number: a pipe in packet mode (<c>O_DIRECT</c>), or a pair of Unix sockets (<c>SOCK_SEQPACKET</c>). Reading and writing never wait. Thread-safe.
/// </summary>
/// <param name="Read">The end to read from.</param>
/// <param name="Write">The end to write to.</param>
/// <param name="IsSocket">It is a pair of sockets.</param>
internal sealed unsafe record PacketQueue(SafeFileHandle Read, SafeFileHandle Write, bool IsSocket)
{
    /// <summary>A packet of a pipe is no longer (<c>PIPE_BUF</c>).</summary>
    public const int LongestInPipe = 4096;

    /// <summary>A packet of a socket is no longer: it must fit into the least buffer that systems give.</summary>
    public const int LongestInSocket = 128 << 10;

    private const int UnixDomain = 1, SequencedPackets = 5, NotWaiting = 0x800, WriteOnly = 1, SetFlags = 4, SetPipeSize = 1031;
    private const int NotWaitingForThis = 0x40, WholeLength = 0x20, NoSignal = 0x4000;   // MSG_DONTWAIT, MSG_TRUNC, MSG_NOSIGNAL
    private const short Readable = 1, Writable = 4;

    private static readonly int PacketMode = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    /// <summary>A pipe for so many packets, as far as the system gives room for them.</summary>
    /// <exception cref="IOException">The system has no descriptors left.</exception>
    public static PacketQueue CreatePipe(int packets)
    {
        int* ends = stackalloc int[2];
        if (LibC.Pipe2(ends, LibC.CloseOnExec | NotWaiting | PacketMode) != 0)
            throw Error("pipe2");
        for (long size = (long)packets * Environment.SystemPageSize; size > 16L * Environment.SystemPageSize && LibC.Fcntl(ends[1], SetPipeSize, (nint)Math.Min(size, 1 << 30)) < 0;)
            size /= 2;   // more than it may have
        return new(new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true), IsSocket: false);
    }

    /// <summary>
    /// The same pipe, opened anew: whether reading waits, and packets are kept apart, is of what was opened, and whoever else has that could change it. Where the system lets nobody do so (there is no <c>/proc</c>), the one that there is.
    /// </summary>
    public static PacketQueue OpenPipe(SafeFileHandle read, SafeFileHandle write)
    {
        SafeFileHandle? ownRead = TryOpen(read, NotWaiting), ownWrite = TryOpen(write, NotWaiting | WriteOnly);
        if (ownWrite is not null && LibC.Fcntl((int)ownWrite.DangerousGetHandle(), SetFlags, NotWaiting | PacketMode) != 0)
            ownWrite = null;
        return new(ownRead ?? read, ownWrite ?? write, IsSocket: false);
    }

    private static SafeFileHandle? TryOpen(SafeFileHandle end, int flags)
    {
        int descriptor = LibC.Open($"/proc/self/fd/{end.DangerousGetHandle()}", flags | LibC.CloseOnExec);
        GC.KeepAlive(end);
        return descriptor < 0 ? null : new(descriptor, ownsHandle: true);
    }

    /// <summary>A pair of sockets.</summary>
    /// <exception cref="IOException">The system has no descriptors left.</exception>
    public static PacketQueue CreateSockets()
    {
        int* ends = stackalloc int[2];
        if (LibC.SocketPair(UnixDomain, SequencedPackets | LibC.CloseOnExec | NotWaiting, 0, ends) != 0)
            throw Error("socketpair");
        return new(new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true), IsSocket: true);
    }

    /// <summary>False: there is no room now.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public bool TryWrite(ReadOnlySpan<byte> packet)
    {
        fixed (byte* start = packet)
        {
            nint written;
            do
                written = IsSocket
                    ? LibC.Send((int)Write.DangerousGetHandle(), start, (nuint)packet.Length, NotWaitingForThis | NoSignal)
                    : LibC.WriteBytes(Write, start, (nuint)packet.Length);
            while (written < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted);
            GC.KeepAlive(Write);
            if (written == packet.Length)
                return true;
            return Marshal.GetLastPInvokeError() is LibC.TryAgain or LibC.NoBuffers ? false : throw Error("write");
        }
    }

    /// <summary>The length of the packet that was read, which may be more than there is room for, or 0 where somebody has shut the queue; -1 if there is none now.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public int TryRead(Span<byte> room)
    {
        fixed (byte* start = room)
        {
            nint read;
            do
                read = IsSocket
                    ? LibC.Receive((int)Read.DangerousGetHandle(), start, (nuint)room.Length, NotWaitingForThis | WholeLength)
                    : LibC.ReadBytes(Read, start, (nuint)room.Length);
            while (read < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted);
            GC.KeepAlive(Read);
            if (read >= 0)
                return (int)read;
            return Marshal.GetLastPInvokeError() == LibC.TryAgain ? -1 : throw Error("read");
        }
    }

    /// <summary>There is a packet to read.</summary>
    public bool HasPacket => Is(Read, Readable);

    /// <summary>There is room for a packet.</summary>
    public bool HasRoom => Is(Write, Writable);

    private static bool Is(SafeFileHandle end, short wanted)
    {
        var entry = new PollEntry { Descriptor = (int)end.DangerousGetHandle(), Events = wanted };
        bool isSo = LibC.Poll(&entry, 1, 0) > 0 && (entry.Returned & wanted) != 0;
        GC.KeepAlive(end);
        return isSo;
    }

    private static IOException Error(string function)
    {
        int error = Marshal.GetLastPInvokeError();
        return new($"{function}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
