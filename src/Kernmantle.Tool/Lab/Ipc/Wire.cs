using System.Net;
using System.Net.Sockets;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>The ways to talk.</summary>
internal enum WireKind
{
    Pipe,
    File,
    UnixSocket,
    Tcp,
    SharedMemory,
    SharedVariable,
    SharedMemoryChannel,
    PipeChannel,
    UnixSocketChannel,
    FileChannel,

    /// <summary>The platform's channel, between two threads.</summary>
    ThreadChannel,
}

internal static class WireKinds
{
    public static string Text(this WireKind kind) => kind switch
    {
        WireKind.Pipe => "pipe",
        WireKind.File => "file",
        WireKind.UnixSocket => "Unix socket",
        WireKind.Tcp => "TCP on loopback",
        WireKind.SharedMemory => "shared memory",
        WireKind.SharedVariable => "shared variable (threads)",
        WireKind.ThreadChannel => "Channel<T> (threads)",
        _ => $"channel by {kind.WithoutChannel().Text()}",
    };

    /// <summary>The same way without a channel; itself where there is none.</summary>
    public static WireKind WithoutChannel(this WireKind kind) => kind switch
    {
        WireKind.SharedMemoryChannel => WireKind.SharedMemory,
        WireKind.PipeChannel => WireKind.Pipe,
        WireKind.UnixSocketChannel => WireKind.UnixSocket,
        WireKind.FileChannel => WireKind.File,
        WireKind.ThreadChannel => WireKind.SharedVariable,
        _ => kind,
    };

    public static bool IsChannel(this WireKind kind) => kind.WithoutChannel() != kind;

    /// <summary>Both ends are threads of this process.</summary>
    public static bool IsOfThreads(this WireKind kind) => kind.WithoutChannel() == WireKind.SharedVariable;
}

/// <summary>One end of a way to talk. A message there is answered by one byte back; what a wire needs besides the bytes is its own business.</summary>
internal abstract class Wire : IDisposable
{
    /// <summary>Takes further messages before the first was received; else it has room for one.</summary>
    public virtual bool Flows => false;

    public abstract void Send(ReadOnlyMemory<byte> message);

    /// <summary>Fills <paramref name="message"/>, and has touched every cache line of it at the end.</summary>
    public abstract void Receive(Memory<byte> message);

    public abstract void SendAnswer(byte answer);

    public abstract byte ReceiveAnswer();

    public abstract void Dispose();
}

/// <summary>A wire over a stream of bytes in the system.</summary>
internal sealed class SocketWire(Socket socket) : Wire
{
    private readonly byte[] one = new byte[1];

    public override bool Flows => true;

    /// <summary>The end that waits for the other.</summary>
    public static Socket Listen(EndPoint at)
    {
        Socket listener = New(at.AddressFamily);
        listener.Bind(at);
        listener.Listen();
        return listener;
    }

    public static SocketWire Accept(Socket listener) => new(Prepared(listener.Accept()));

    public static SocketWire Connect(EndPoint to)
    {
        Socket socket = Prepared(New(to.AddressFamily));
        socket.Connect(to);
        return new(socket);
    }

    public override void Send(ReadOnlyMemory<byte> message)
    {
        for (ReadOnlySpan<byte> rest = message.Span; rest.Length > 0;)
            rest = rest[socket.Send(rest)..];
    }

    public override void Receive(Memory<byte> message)
    {
        for (Span<byte> rest = message.Span; rest.Length > 0;)
        {
            int count = socket.Receive(rest);
            if (count == 0)
                throw new EndOfStreamException("The other end has gone.");
            rest = rest[count..];
        }
    }

    public override void SendAnswer(byte answer)
    {
        one[0] = answer;
        Send(one);
    }

    public override byte ReceiveAnswer()
    {
        Receive(one);
        return one[0];
    }

    public override void Dispose() => socket.Dispose();

    private static Socket New(AddressFamily family) =>
        new(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);

    private static Socket Prepared(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;   // an answer of one byte must not wait for more
        return socket;
    }
}
