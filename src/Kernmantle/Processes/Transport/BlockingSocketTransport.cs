using Kernmantle.Payloads;
using System.Net.Sockets;

namespace Kernmantle.Processes.Transport;

/// <summary>
/// The worker's end over a connected stream socket: plain blocking calls. A frame is on the wire when <see cref="Send"/> returns,
/// so that what user code does next cannot overtake or lose it; no thread pool is needed, which user code may have exhausted, and
/// none is started in a worker that idles. A worker that writes faster than its host reads is slowed down; that cannot lock up, since the host
/// always reads.
/// </summary>
/// <param name="socket">The connection; owned from now on.</param>
internal sealed class BlockingSocketTransport(Socket socket) : IFrameTransport
{
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
        try
        {
            socket.Shutdown(SocketShutdown.Both);   // wakes a thread that waits in Receive
        }
        catch (Exception e) when (SocketTransport.IsEnd(e))
        {
            // Not connected any more: that is what was wanted.
        }
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!ended && !bytes.IsEmpty)
            {
                bytes = bytes[socket.Send(bytes, SocketFlags.None, out SocketError error)..];
                ended = error is not SocketError.Success;
            }
        }
        catch (ObjectDisposedException)
        {
            ended = true;
        }
    }

    private int Read(Span<byte> space)
    {
        try
        {
            int count = socket.Receive(space, SocketFlags.None, out SocketError error);
            return error is SocketError.Success ? count : 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }
}
