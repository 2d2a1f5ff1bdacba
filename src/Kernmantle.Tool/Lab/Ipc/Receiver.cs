using System.Net;
using System.Net.Sockets;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>Where the receiving end finds its wire, and the pipe that tells it what comes.</summary>
/// <param name="Address">A path, the beginning of two, or the number of a port.</param>
internal sealed record WireAddress(WireKind Kind, string Address, string Control, int Largest)
{
    public Wire Open(bool isHost) => Kind switch
    {
        WireKind.Pipe => new PipeWire(Address + "-there", Address + "-back", isHost),
        WireKind.File => new FileWire(Address),
        WireKind.UnixSocket => SocketWire.Connect(new UnixDomainSocketEndPoint(Address)),
        WireKind.Tcp => SocketWire.Connect(new IPEndPoint(IPAddress.Loopback, int.Parse(Address, System.Globalization.CultureInfo.InvariantCulture))),
        WireKind.SharedMemory => new SharedMemoryWire(Address, Largest),
        _ => throw new ArgumentOutOfRangeException(nameof(isHost), Kind, "A variable is opened by who has it."),
    };
}

/// <summary>The receiving end: told through a pipe what comes, so that it sleeps while others are measured.</summary>
internal static class Receiver
{
    /// <summary>Size of the messages and their number; none means the end.</summary>
    public const int OrderBytes = 8;

    public static void Serve(WireAddress address)
    {
        using Wire wire = address.Open(isHost: false);
        Serve(wire, address.Control, address.Largest);
    }

    public static void Serve(Wire wire, string control, int largest)
    {
        using Fifo orders = new(control);
        byte[] buffer = new byte[largest];
        Span<byte> order = stackalloc byte[OrderBytes];
        while (true)
        {
            orders.Read(order);
            int size = BitConverter.ToInt32(order), count = BitConverter.ToInt32(order[4..]);
            if (count == 0)
                return;
            Memory<byte> message = buffer.AsMemory(0, size);
            for (int i = 0; i < count; i++)
            {
                wire.Receive(message);
                wire.SendAnswer(Check(message.Span));
            }
        }
    }

    /// <summary>What is answered to a message: its ends together, so that one that did not arrive is noticed.</summary>
    public static byte Check(ReadOnlySpan<byte> message) => (byte)(message[0] + message[^1]);
}
