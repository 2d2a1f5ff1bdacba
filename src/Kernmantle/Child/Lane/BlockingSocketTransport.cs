using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child.Lane;

/// <summary>
/// The worker's end over a connected stream socket: plain blocking calls. A frame is on the wire when <see cref="Send"/> returns,
/// so that what user code does next cannot overtake or lose it; no thread pool is needed, which user code may have exhausted, and
/// none is started in a worker that idles. A worker that writes faster than its host reads is slowed down; that cannot lock up, since the host
/// always reads. Straight to the C library: loading .NET's sockets takes a sixth of the time from a worker's start to its first result.
/// </summary>
/// <param name="channel">The connection, in blocking mode; owned from now on.</param>
internal sealed unsafe class BlockingSocketTransport(SafeHandle channel) : IFrameTransport
{
    private const int Interrupted = 4;
    private const int NoSignal = 0x4000;
    private const short Writable = 4;      // POLLOUT
    private const int BothWays = 2;

    private readonly Lock gate = new();
    private readonly byte[] scratch = new byte[Buffers.Initial];
    private bool ended;

    public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default)
    {
        lock (gate)
        {
            new FrameHeader((uint)(head.Length + payload.Length), kind, id).Write(scratch);
            int small = FrameHeader.Size + head.Length <= scratch.Length ? head.Length : 0;
            head[..small].CopyTo(scratch.AsSpan(FrameHeader.Size));
            Write(scratch.AsSpan(0, FrameHeader.Size + small));   // one system call for header and body, mostly
            Write(head[small..]);
            Write(payload.Span);
        }
    }

    /// <summary>The system calls a stream socket writable while three quarters of its buffer are free.</summary>
    public bool HasRoomFor(int length)
    {
        if (!TryHold(out int descriptor))
            return true;   // closed: nothing is sent any more
        var poll = new PollEntry { Descriptor = descriptor, Events = Writable };
        int ready = LibC.Poll(&poll, 1, 0);
        channel.DangerousRelease();
        return ready != 0;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>Receives on the calling thread; returns completed.</summary>
    public Task ReceiveAsync(IFrameReceiver receiver)
    {
        using var frames = new FrameAssembler(FrameLimits.LargestBody);
        while (Read(frames.Space.Span) is > 0 and int count)
            frames.Take(count, receiver);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (TryHold(out int descriptor))
        {
            _ = LibC.Shutdown(descriptor, BothWays);   // wakes a thread that waits in Read
            channel.DangerousRelease();
        }
        channel.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!ended && !bytes.IsEmpty)
        {
            nint count = 0;
            fixed (byte* start = bytes)
            {
                if (TryHold(out int descriptor))
                {
                    do
                        count = LibC.Send(descriptor, start, (nuint)bytes.Length, NoSignal);
                    while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
                    channel.DangerousRelease();
                }
            }
            ended = count <= 0;
            bytes = bytes[(int)Math.Max(0, count)..];
        }
    }

    /// <summary>0 at the end of the connection, however it ended.</summary>
    private int Read(Span<byte> space)
    {
        if (!TryHold(out int descriptor))
            return 0;
        nint count;
        fixed (byte* start = space)
        {
            do
                count = LibC.Receive(descriptor, start, (nuint)space.Length, 0);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }
        channel.DangerousRelease();
        return (int)Math.Max(0, count);
    }

    /// <summary>Keeps the descriptor open, and its number ours, during a call; false if the transport has been disposed of.</summary>
    private bool TryHold(out int descriptor)
    {
        descriptor = -1;
        bool held = false;
        try
        {
            channel.DangerousAddRef(ref held);
            descriptor = (int)channel.DangerousGetHandle();
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended, from our side.
        }
        return held;
    }
}
