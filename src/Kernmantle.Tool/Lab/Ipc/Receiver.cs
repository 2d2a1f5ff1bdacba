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
    private const int LineBytes = 64;

    public static void Serve(WireAddress address)
    {
        using Wire wire = address.Open(isHost: false);
        Serve(wire, address.Control, address.Largest);
    }

    public static void Serve(Wire wire, string control, int largest)
    {
        using Fifo orders = new(control);
        byte[] buffer = new byte[largest];
        Span<byte> next = stackalloc byte[Order.Bytes];
        while (true)
        {
            orders.Read(next);
            Order order = Order.Read(next);
            if (order.Count == 0)
                return;
            Memory<byte> message = buffer.AsMemory(0, order.Size);
            byte sum = 0;
            for (int number = 1; number <= order.Count; number++)
            {
                wire.Receive(message);
                sum += Check(message.Span);
                if (!order.IsAnswered(number))
                    continue;
                wire.SendAnswer(sum);
                sum = 0;
            }
        }
    }

    /// <summary>Receives what was not copied: reads every cache line where it is, as whoever uses the message would. Only its ends are copied, to be checked.</summary>
    public static void Look(ReadOnlySpan<byte> message, Span<byte> received)
    {
        byte all = 0;
        for (int at = 0; at < message.Length; at += LineBytes)
            all ^= message[at];
        received[message.Length / 2] = all;   // so that the reading is not left out
        received[0] = message[0];
        received[^1] = message[^1];
    }

    /// <summary>What is answered to a message: its ends together, so that one that did not arrive is noticed.</summary>
    public static byte Check(ReadOnlySpan<byte> message) => (byte)(message[0] + message[^1]);
}
