using System.Net.Sockets;
using Kernmantle.Benchmarks.Measuring;
using StreamJsonRpc;

namespace Kernmantle.Benchmarks.Rpc;

/// <summary>StreamJsonRpc over a Unix socket, with its MessagePack formatter, its fastest.</summary>
internal static class JsonRpcPeer
{
    public static async Task ServeAsync(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Console.Out.WriteLine("ready");
        using Socket socket = await listener.AcceptAsync();
        using JsonRpc rpc = Attach(socket);
        rpc.AddLocalRpcMethod("nothing", static () => { });
        rpc.AddLocalRpcMethod("wait", static (CancellationToken _) => { });
        rpc.AddLocalRpcMethod("bytes", static (byte[] bytes) => bytes);
        rpc.StartListening();
        await Console.In.ReadLineAsync();
    }

    public static async Task<Line> MeasureAsync(string path, int size, bool withToken, Settings settings)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        using JsonRpc rpc = Attach(socket);
        rpc.StartListening();
        object?[] data = [new byte[size]];
        using var source = new CancellationTokenSource();
        return withToken
            ? await Latency.MeasureAsync(settings, () => rpc.InvokeWithCancellationAsync("wait", null, source.Token))
            : size == 0
            ? await Latency.MeasureAsync(settings, () => rpc.InvokeAsync("nothing"))
            : await Latency.MeasureAsync(settings, () => rpc.InvokeWithCancellationAsync<byte[]>("bytes", data));
    }

    private static JsonRpc Attach(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new JsonRpc(new LengthHeaderMessageHandler(stream, stream, new MessagePackFormatter()));
    }
}
