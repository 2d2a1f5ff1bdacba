using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Kernmantle.Benchmarks.Measuring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Benchmarks.Rpc;

/// <summary>gRPC over a Unix socket, as its documentation sets it up for two processes of one machine.</summary>
internal static class GrpcPeer
{
    public static async Task ServeAsync(string path)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        await using WebApplication application = builder.Build();
        application.MapGrpcService<EchoService>();
        await application.StartAsync();
        Console.Out.WriteLine("ready");
        await Console.In.ReadLineAsync();
    }

    public static async Task<Line> MeasureAsync(string path, int size, Settings settings)
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = (_, token) => ConnectAsync(path, token) };
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        var client = new Echo.EchoClient(channel);
        var data = new Data { Value = UnsafeByteOperations.UnsafeWrap(new byte[size]) };
        var nothing = new Empty();
        return size == 0
            ? await Latency.MeasureAsync(settings, () => client.NothingAsync(nothing).ResponseAsync)
            : await Latency.MeasureAsync(settings, () => client.BytesAsync(data).ResponseAsync);
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken token)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), token);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override Task<Empty> Nothing(Empty request, ServerCallContext context) => Task.FromResult(request);

        public override Task<Data> Bytes(Data request, ServerCallContext context) => Task.FromResult(request);
    }
}
