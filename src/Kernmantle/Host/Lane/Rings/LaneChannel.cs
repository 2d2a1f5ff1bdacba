using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>The socket beside the rings: it says when the other side has ended, carries descriptors, and nudges a worker whose main thread is busy. Thread-safe.</summary>
internal sealed class LaneChannel : IDisposable
{
    private readonly CancellationTokenSource leaving = new();
    private Socket? socket;
    private SafeHandle? handle;

    /// <summary>The worker has been started.</summary>
    public void Connect(Socket connected) => (handle, socket) = (connected.SafeHandle, connected);

    public bool IsConnected => socket is not null;

    /// <summary>False: the worker has ended, or does not listen at the moment.</summary>
    public bool TrySend(ControlMessage message, SafeFileHandle? file = null) => ControlChannel.TrySend(handle!, message, file);

    /// <summary>Makes a segment that both sides write to, and sends it. Null: there is no memory for it, which its caller says to whom it matters, or the worker does not listen.</summary>
    public Segment? TryGive(ControlKind kind, long capacity, out bool listens)
    {
        listens = true;
        Segment segment;
        SafeFileHandle file;
        try
        {
            segment = Segment.CreateForBoth(capacity, out file);
        }
        catch (Win32Exception)
        {
            return null;
        }
        using (file)
            listens = TrySend(new(kind, segment.Id, segment.Length), file);
        if (listens)
            return segment;
        segment.Dispose();
        return null;
    }

    /// <summary>A main thread that runs user code looks at no ring: the worker's other thread, which waits at the socket, shall.</summary>
    public void Nudge()
    {
        if (handle is not null)
            _ = TrySend(new(ControlKind.Nudge));
    }

    /// <summary>The worker has ended, which will be told: what is sent to it no longer matters.</summary>
    public bool HasEnded()
    {
        try
        {
            return socket?.Poll(0, SelectMode.SelectRead) ?? true;   // it becomes readable only when the process has ended
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>The worker is somebody else's from now on, who has the socket: here it counts as ended.</summary>
    public void Leave()
    {
        socket = null;
        leaving.Cancel();
    }

    /// <summary>Completes when the worker has ended, or is left.</summary>
    public async Task EndAsync()
    {
        byte[] nothing = new byte[1];
        Socket connected = socket!;
        try
        {
            while (await connected.ReceiveAsync(nothing, SocketFlags.None, leaving.Token).ConfigureAwait(false) > 0)
                continue;   // a worker has nothing to say here
        }
        catch (Exception e) when (SocketTransport.IsEnd(e))
        {
            // It has ended, which is all that matters here.
        }
    }

    public void Dispose()
    {
        leaving.Dispose();
        socket?.Dispose();
    }
}
