using System.Net.Sockets;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane;

/// <summary>
/// The host's end over a connected stream socket. Nothing here blocks: a worker that stops reading, being stuck or hostile,
/// holds up nobody but itself.
/// </summary>
/// <param name="socket">The connection; owned from now on.</param>
/// <param name="maxBody">The largest body the other side may write, in bytes: see <see cref="FrameLimits.MaxBody"/>.</param>
internal sealed class SocketTransport(Socket socket, long maxBody) : IFrameTransport
{
    private static readonly Task<bool> Lost = Task.FromResult(false);

    private readonly Lock gate = new();
    private readonly OutgoingFrames outgoing = new();
    private OutgoingFrames.Chunk? underWay;
    private bool sending;
    private bool ended;
    private volatile bool handling;

    /// <summary>The other side has sent something that has not been handled yet.</summary>
    public bool HasUnheard
    {
        get
        {
            try
            {
                return handling || socket.Available > 0;
            }
            catch (Exception e) when (IsEnd(e))
            {
                return false;
            }
        }
    }

    public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default) => _ = Send(kind, id, head, payload, tells: false);

    /// <summary>Sends a frame, and says whether all of it was handed to the operating system: false, and the other side never has it.</summary>
    public Task<bool> SendAsync(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default) => Send(kind, id, head, payload, tells: true);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return (outgoing.Last ?? underWay) is { } chunk
                ? new(chunk.Sent.WaitAsync(cancellationToken))
                : ValueTask.CompletedTask;
        }
    }

    public async Task ReceiveAsync(IFrameReceiver receiver)
    {
        using var frames = new FrameAssembler(maxBody);
        // The peer was killed while it wrote a frame; its death is reported elsewhere.
        while (await ReceiveSomeAsync(frames.Space).ConfigureAwait(false) is > 0 and int count)
        {
            handling = true;
            frames.Take(count, receiver);
            handling = false;
        }
    }

    public ValueTask DisposeAsync()
    {
        End();
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<bool> Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload, bool tells)
    {
        Task<bool> sent = Lost;
        lock (gate)
        {
            if (ended)
                return sent;
            if (tells)
                sent = outgoing.AppendApart(kind, id, head, payload);
            else
                outgoing.Append(kind, id, head, payload);
            if (sending)
                return sent;
            sending = true;
        }
        // On an idle connection this sends on the calling thread as much as the socket takes: no hand-over to another thread.
        _ = SendQueuedAsync();
        return sent;
    }

    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> space)
    {
        try
        {
            int count = await socket.ReceiveAsync(space, SocketFlags.None).ConfigureAwait(false);
            if (count == 0)
                End();
            return count;
        }
        catch (Exception e) when (IsEnd(e))
        {
            End();
            return 0;
        }
    }

    /// <summary>The only sender while <see cref="sending"/> is set. Never faults.</summary>
    private async Task SendQueuedAsync()
    {
        bool callersThread = true, isSent = false;
        while (Next(isSent) is { } chunk)
        {
            // The caller sends its own frames, but must not be kept sending those that others keep adding.
            if (!callersThread)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            callersThread = false;
            try
            {
                ReadOnlyMemory<byte> rest = chunk.Bytes;
                while (!rest.IsEmpty)
                    rest = rest[await socket.SendAsync(rest, SocketFlags.None).ConfigureAwait(false)..];
                isSent = true;
            }
            catch (Exception e) when (IsEnd(e))
            {
                isSent = false;
                End();
            }
        }
    }

    private OutgoingFrames.Chunk? Next(bool isSent)
    {
        lock (gate)
        {
            underWay?.Release(isSent);
            underWay = outgoing.Take();
            sending = underWay is not null;
            return underWay;
        }
    }

    /// <summary>Drops what waits. The chunk under way belongs to the sender until its send returns.</summary>
    private void End()
    {
        lock (gate)
        {
            ended = true;
            while (outgoing.Take() is { } chunk)
                chunk.Release(isSent: false);
        }
    }

    internal static bool IsEnd(Exception exception) => exception is SocketException or ObjectDisposedException or OperationCanceledException;
}
