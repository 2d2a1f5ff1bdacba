using static Kernmantle.Benchmarks.Catalogue.Comparison;
using static Kernmantle.Benchmarks.Catalogue.Side;

namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Channels between processes.</summary>
internal static class ChannelTopic
{
    public static Topic Topic => new(
        [Channels],
        [
            new("channels", "numbers, one by one", "ours.channel-items", ["dotnet.channel-within-items"], AtLeastTimes, 1),
            new("channels", "numbers, by spans, to one by one", "ours.channel-spans", ["dotnet.channel-within-items"], AtLeastTimes, 2),
            new("channels", "numbers, one by one", "ours.channel-items", ["python.queue-items"], AtLeastTimes, 50),
            new("channels", "24 bytes to a worker, one by one", "ours.channel-places", ["dotnet.channel-within-places"], AtLeastTimes, 1),
            new("channels", "24 bytes to a worker, by spans, to one by one", "ours.channel-place-spans", ["dotnet.channel-within-places"], AtLeastTimes, 2),
            new("channels", "numbers, four writers together", "ours.channel-four-writers", ["ours.channel-items"], AtLeastTimes, 0.7),
            new("channels", "a number there and back", "ours.channel-echo", ["ours.run-async"], AtMostTimes, 1.5),
            new("channels", "64 KiB into a file", "ours.channel-file", ["c.file"], AtLeastTimes, 0.5),
        ]);

    // As many as take a fair time, and blocks as many as the system keeps in memory.
    private static readonly Counts Messages = new(20_000, 100_000), Sent = new(200_000, 1_000_000), Blocks = new(2_000, 8_000);

    private static Group Channels { get; } = new(
        "channels",
        "Channels: a writer and a reader, each in its process",
        new(Ours, "channel-items", "WorkerChannel<long>, WriteAsync and ReadAllAsync"),
        new(Dotnet, "channel-within-items", "Channel<long>, bounded, single writer and reader, two threads"),
        new(Ours, "channel-spans", "WorkerChannel<long>, WriteManyAsync and ReadManyAsync of 256"),
        new(Ours, "channel-four-writers", "WorkerChannel<long>, four workers write"),
        new(Side.Python, "queue-items", "multiprocessing.Queue") { Count = Messages },
        new(Side.Python, "queue-simple-items", "multiprocessing.SimpleQueue") { Count = Messages },
        new(Side.Python, "queue-pipe-items", "multiprocessing.Pipe") { Count = Messages },
        new(C, "socket-items", "C Unix socket, 8 bytes at a time"),
        new(Erlang, "items", "Erlang, messages between two processes of one runtime") { Count = Sent },
        new(Ours, "channel-places", "WorkerChannel of 24 bytes, to a worker, WriteAsync and ReadAllAsync"),
        new(Dotnet, "channel-within-places", "Channel of 24 bytes, bounded, single writer and reader, two threads"),
        new(Ours, "channel-place-spans", "WorkerChannel of 24 bytes, to a worker, WriteManyAsync and ReadManyAsync of 256"),
        new(Ours, "channel-texts", "WorkerChannel<string>, WriteAsync and ReadAllAsync"),
        new(Dotnet, "channel-within-texts", "Channel<string>, bounded, single writer and reader, two threads: a reference"),
        new(Ours, "channel-pipe", "WorkerChannel<long> over a pipe"),
        new(Ours, "channel-socket", "WorkerChannel<long> over Unix sockets"),
        new(Ours, "channel-echo", "WorkerChannel<long>, there and back through another one"),
        new(Ours, "run-async", "process pool, await RunAsync, no-op"),
        new(Ours, "channel-file", "WorkerChannel<byte[]> over a file, 64 KiB, written") { Count = Blocks, More = [("read", "WorkerChannel<byte[]> over a file, 64 KiB, read")] },
        new(C, "file", "C, write of 64 KiB to a file, no fsync") { Count = Blocks });
}
