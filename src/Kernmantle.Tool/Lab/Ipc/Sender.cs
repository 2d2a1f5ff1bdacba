using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>The sending end of one wire, with its receiver in a process or on a thread.</summary>
internal sealed class Sender : IAsyncDisposable
{
    /// <summary>So many messages that the clock does not matter.</summary>
    private const double BatchSeconds = 0.01;

    private const int MostPerBatch = 100_000;
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    private readonly Wire wire;
    private readonly Fifo orders;
    private readonly Task receiver;
    private readonly Dictionary<(int Size, bool EachAnswered), int> batches = [];

    private Sender(WireKind kind, Wire wire, Fifo orders, Task receiver)
    {
        Kind = kind;
        this.wire = wire;
        this.orders = orders;
        this.receiver = receiver;
    }

    public WireKind Kind { get; }

    public bool AllRight { get; private set; } = true;

    /// <inheritdoc cref="Wire.Flows"/>
    public bool Flows => wire.Flows;

    public static Sender Open(WireKind kind, Scratch scratch, WorkerPool processes, int largest, CancellationToken cancellationToken)
    {
        string name = scratch.Path(kind.ToString()), control = name + "-control";
        LibC.MakeFifo(control);
        Fifo orders = new(control);
        if (kind.IsOfThreads())
        {
            (Wire sending, Wire receiving) = kind == WireKind.SharedVariable ? VariableWire.Pair() : ChannelWire.Pair();
            Task thread = Task.Factory.StartNew(() => Receiver.Serve(receiving, control, largest), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return new(kind, sending, orders, thread);
        }
        if (kind.IsChannel())
        {
            (WorkerChannel<ReadOnlyMemory<byte>> there, WorkerChannel<byte> back) = ChannelWire.Make(kind, name);
            Task channelReceiver = processes.RunAsync(() => Receiver.Serve(new ChannelWire(there, back), control, largest), cancellationToken);
            return new(kind, new ChannelWire(there, back), orders, channelReceiver);
        }
        WireAddress address = new(kind, name, control, largest);
        Task Start(WireAddress at) => processes.RunAsync(static at => Receiver.Serve(at), at, cancellationToken);
        switch (kind)
        {
            case WireKind.UnixSocket:
            case WireKind.Tcp:
                using (Socket listener = SocketWire.Listen(kind == WireKind.Tcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(name)))
                {
                    Task socketReceiver = Start(listener.LocalEndPoint is IPEndPoint bound ? address with { Address = bound.Port.ToString(CultureInfo.InvariantCulture) } : address);
                    return new(kind, SocketWire.Accept(listener), orders, socketReceiver);
                }

            case WireKind.Pipe:
                LibC.MakeFifo(name + "-there");
                LibC.MakeFifo(name + "-back");
                break;

            case WireKind.SharedMemory when Directory.Exists("/dev/shm"):
                // A file that is nowhere but in memory. Opened by both, it needs its name no longer.
                address = address with { Address = Path.Combine("/dev/shm", $"kern-lab-{Guid.NewGuid():N}") };
                break;
        }
        Wire own = address.Open(isHost: true);
        return new(kind, own, orders, Start(address)) { Remains = address.Address.StartsWith("/dev/shm/", StringComparison.Ordinal) ? address.Address : null };
    }

    private string? Remains { get; init; }

    /// <summary>Until both ends run compiled code at its best.</summary>
    public async Task WarmUpAsync(ReadOnlyMemory<byte> message)
    {
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < WarmUp)
        {
            await MeasureAsync(message, eachAnswered: true);
            if (Flows)
                await MeasureAsync(message, eachAnswered: false);
        }
    }

    /// <summary>Seconds per message, over a batch of them.</summary>
    /// <param name="eachAnswered">There and back. Else one way: only the last is answered.</param>
    public async Task<double> MeasureAsync(ReadOnlyMemory<byte> message, bool eachAnswered)
    {
        if (receiver.IsCompleted)
            await receiver;   // why it ended
        int count = batches.GetValueOrDefault((message.Length, eachAnswered), 1);
        double seconds = Batch(message, new(message.Length, count, eachAnswered));
        batches[(message.Length, eachAnswered)] = (int)Math.Clamp(BatchSeconds / (seconds / count), 1, MostPerBatch);
        return seconds / count;
    }

    public async ValueTask DisposeAsync()
    {
        orders.Write(default(Order).ToBytes());
        // One that has failed or hangs is killed with its pool.
        await Task.WhenAny(receiver, Task.Delay(EndTimeout));
        wire.Dispose();
        orders.Dispose();
        if (Remains is { } file)
            File.Delete(file);
    }

    private double Batch(ReadOnlyMemory<byte> message, Order order)
    {
        byte expected = order.ExpectedFor(message.Span);
        orders.Write(order.ToBytes());
        long begin = Stopwatch.GetTimestamp();
        for (int number = 1; number <= order.Count; number++)
        {
            wire.Send(message);
            if (order.IsAnswered(number))
                AllRight &= wire.ReceiveAnswer() == expected;
        }
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
