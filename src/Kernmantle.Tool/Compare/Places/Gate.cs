using System.Net.Sockets;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>
/// Reaches every worker of a pool once: so many calls are made as there are workers, and none ends before all have arrived. Then no worker can
/// have had two of them.
/// </summary>
/// <param name="address">Where the calls arrive: the path of a Unix socket. Whoever names it removes its folder: the gate's own process may be killed.</param>
internal sealed class Gate : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly string address;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public Gate(string address)
    {
        this.address = address;
        listener.Bind(new UnixDomainSocketEndPoint(address));
        listener.Listen();
    }

    /// <param name="call">Makes one call, which connects to the gate, waits for one byte, and ends.</param>
    public async Task<T[]> EachAsync<T>(int workers, Func<string, Task<T>> call, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Deadline);
        Task<T>[] calls = [.. Enumerable.Range(0, workers).Select(_ => call(address))];
        List<Socket> arrived = [];
        try
        {
            while (arrived.Count < workers)
            {
                Task<Socket> next = listener.AcceptAsync(late.Token).AsTask();
                if (await Task.WhenAny([next, .. calls.Where(static call => !call.IsCompletedSuccessfully)]) != next)
                    await calls.First(static call => call.IsFaulted || call.IsCanceled);   // throws: it did not arrive
                arrived.Add(await next);
            }
            foreach (Socket socket in arrived)
                await socket.SendAsync(new byte[1], late.Token);
            return await Task.WhenAll(calls);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Of {workers} workers, {arrived.Count} could be asked for their figures.");
        }
        finally
        {
            foreach (Socket socket in arrived)
                socket.Dispose();
        }
    }

    /// <summary>In a worker: arrives, and waits until all have.</summary>
    public static void Pass(string address)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(address));
        socket.Receive(new byte[1]);
    }

    public void Dispose() => listener.Dispose();
}
