using System.Net.Sockets;
using Kernmantle.Child.Lane;
using Kernmantle.Host.Lane;
using Kernmantle.Wire;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class SocketTransportTests
{
    private const long MaxBody = 300L << 20;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Frames_arrive_whole_and_in_order(bool fromWorker)
    {
        using var pair = new SocketPair();
        await using IFrameTransport sender = Open(pair.First, fromWorker);
        await using IFrameTransport receiver = Open(pair.Second, !fromWorker);
        var collector = new FrameCollector();
        Task receiving = Receive(receiver, collector);
        await Task.Run(() =>
        {
            var random = new Random(3);
            for (int i = 0; i < 5000; i++)
                sender.Send(FrameKind.Result, i, Bodies.Random(random, random.Next(i % 100 == 0 ? 200_000 : 300)));
        }, TestContext.Current.CancellationToken);
        var expected = new Random(3);
        for (int i = 0; i < 5000; i++)
        {
            Frame frame = await collector.NextAsync();
            Assert.Equal(i, frame.Id);
            Assert.True(frame.Body.AsSpan().SequenceEqual(Bodies.Random(expected, expected.Next(i % 100 == 0 ? 200_000 : 300))));
        }
        await sender.DisposeAsync();
        await receiving.WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Senders_on_many_threads_each_keep_their_order(bool fromWorker)
    {
        const int Senders = 8, Each = 2000;
        using var pair = new SocketPair();
        await using IFrameTransport sender = Open(pair.First, fromWorker);
        await using IFrameTransport receiver = Open(pair.Second, worker: false);
        var collector = new FrameCollector();
        _ = Receive(receiver, collector);
        Thread[] threads = [.. Enumerable.Range(0, Senders).Select(n => new Thread(() =>
        {
            byte[] body = new byte[64];
            for (int i = 0; i < Each; i++)
                sender.Send(FrameKind.Progress, (n * 100_000L) + i, body);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        long[] next = new long[Senders];
        for (int i = 0; i < Senders * Each; i++)
        {
            (long n, long number) = Math.DivRem((await collector.NextAsync()).Id, 100_000);
            Assert.Equal(next[n]++, number);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_frame_arrives(bool fromWorker)
    {
        using var pair = new SocketPair();
        await using IFrameTransport sender = Open(pair.First, fromWorker);
        await using IFrameTransport receiver = Open(pair.Second, !fromWorker);
        var collector = new FrameCollector();
        _ = Receive(receiver, collector);
        byte[] large = Bodies.Random(new Random(4), 64 << 20);
        await Task.Run(() => sender.Send(FrameKind.Result, 1, large), TestContext.Current.CancellationToken);
        sender.Send(FrameKind.Result, 2, []);
        Assert.True((await collector.NextAsync()).Body.AsSpan().SequenceEqual(large));
        Assert.Equal(2, (await collector.NextAsync()).Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_in_two_parts_arrives_as_one(bool fromWorker)
    {
        using var pair = new SocketPair();
        await using IFrameTransport sender = Open(pair.First, fromWorker);
        await using IFrameTransport receiver = Open(pair.Second, !fromWorker);
        var collector = new FrameCollector();
        _ = Receive(receiver, collector);
        var random = new Random(7);
        (byte[] Head, byte[] Payload)[] bodies = [.. Enumerable.Range(0, 200).Select(i => (Bodies.Random(random, random.Next(50)), Bodies.Random(random, i % 3 == 0 ? random.Next(500_000) : random.Next(100))))];
        await Task.Run(() => Array.ForEach(bodies, body => sender.Send(FrameKind.Result, 1, body.Head, body.Payload)), TestContext.Current.CancellationToken);
        foreach ((byte[] head, byte[] payload) in bodies)
            Assert.True((await collector.NextAsync()).Body.AsSpan().SequenceEqual([.. head, .. payload]));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_blocks_nobody()
    {
        using var pair = new SocketPair();
        var transport = new SocketTransport(pair.First, MaxBody);
        byte[] body = new byte[1 << 20];
        await Task.Run(() =>
        {
            for (int i = 0; i < 50; i++)
                transport.Send(FrameKind.Call, i, body);
        }, TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Task flushed = transport.FlushAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(flushed.IsCompleted);
        await transport.DisposeAsync();
        await flushed.WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Flush_completes_once_the_peer_has_made_room()
    {
        using var pair = new SocketPair();
        await using var transport = new SocketTransport(pair.First, MaxBody);
        await transport.FlushAsync(TestContext.Current.CancellationToken);
        transport.Send(FrameKind.Call, 1, new byte[4 << 20]);
        Task flushed = transport.FlushAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(flushed.IsCompleted);
        await using var peer = new SocketTransport(pair.Second, MaxBody);
        _ = peer.ReceiveAsync(new FrameCollector());
        await flushed.WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_peer_ends_the_receiver_and_drops_what_is_sent(bool worker)
    {
        using var pair = new SocketPair();
        await using IFrameTransport transport = Open(pair.First, worker);
        Task receiving = Receive(transport, new FrameCollector());
        pair.Second.Send(Bodies.Encoded(100, (byte)FrameKind.Result, 1, [1, 2, 3]), SocketFlags.None);   // dies in the middle of a frame
        pair.Second.Dispose();
        await receiving.WaitAsync(Bound, TestContext.Current.CancellationToken);
        for (int i = 0; i < 10; i++)
            transport.Send(FrameKind.Result, i, new byte[1000]);
        await transport.FlushAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_is_an_end_too(bool worker)
    {
        using var pair = new SocketPair();
        await using IFrameTransport transport = Open(pair.First, worker);
        transport.Send(FrameKind.Result, 1, [1]);
        pair.Second.Dispose();   // with unread bytes: the other side gets ECONNRESET
        await Receive(transport, new FrameCollector()).WaitAsync(Bound, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_that_are_no_frame_are_a_violation(bool worker)
    {
        using var pair = new SocketPair();
        await using IFrameTransport transport = Open(pair.First, worker);
        pair.Second.Send("HTTP/1.1 200 OK\r\n\r\n"u8, SocketFlags.None);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => Receive(transport, new FrameCollector()).WaitAsync(Bound, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_twice_while_receiving_ends_it(bool worker)
    {
        using var pair = new SocketPair();
        IFrameTransport transport = Open(pair.First, worker);
        Task receiving = Receive(transport, new FrameCollector());
        await transport.DisposeAsync();
        await transport.DisposeAsync();
        await receiving.WaitAsync(Bound, TestContext.Current.CancellationToken);
        transport.Send(FrameKind.Result, 1, [1]);
    }

    private static IFrameTransport Open(Socket socket, bool worker) => worker ? new BlockingSocketTransport(socket.SafeHandle) : new SocketTransport(socket, MaxBody);

    private static Task Receive(IFrameTransport transport, IFrameReceiver receiver) =>
        Task.Factory.StartNew(() => transport.ReceiveAsync(receiver), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
}
