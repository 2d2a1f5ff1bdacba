using System.Net.Sockets;

namespace Kernmantle.Tests.Transport;

/// <summary>Two connected Unix-domain stream sockets.</summary>
internal sealed class SocketPair : IDisposable
{
    public SocketPair()
    {
        string path = Path.Combine(Path.GetTempPath(), $"k{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        First = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        First.Connect(new UnixDomainSocketEndPoint(path));
        Second = listener.Accept();
        File.Delete(path);
    }

    public Socket First { get; }

    public Socket Second { get; }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
