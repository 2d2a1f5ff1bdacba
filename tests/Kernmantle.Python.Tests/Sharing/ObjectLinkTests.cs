using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using Kernmantle.Platform.Linux;
using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Sharing;
using Kernmantle.Python.Tests.Pools;
using Kernmantle.Python.Values;
using Kernmantle.Python.Workers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Python.Tests.Sharing;

/// <summary>The host's side of the connection for what it shares, to which the test speaks as a worker does, or as none would.</summary>
public sealed class ObjectLinkTests : PythonTests
{
    private static readonly int Rounds = Repetitions.Of(quick: 3000, atLength: Fuzzing.Count / 10);

    private static int lastWorker = 1_000_000;

    [Fact]
    public async Task An_item_that_never_got_wholly_to_a_dead_worker_is_the_next_ones()
    {
        var channel = Channel.CreateUnbounded<byte[]>();
        channel.Writer.TryWrite(new byte[8 << 20]);   // more than a socket takes
        channel.Writer.TryWrite([1]);
        await using (var dies = new Connection())
        {
            int number = dies.Hand(channel.Reader);
            dies.Ask(1, Operation.Get, number);
            await Until(() => channel.Reader.Count == 1, "it is taken");
            dies.Die();
            await dies.Link.EndAsync(ProcessEnd.Unknown).WaitAsync(Deadline);
        }
        await using var next = new Connection();
        int again = next.Hand(channel.Reader);
        next.Ask(1, Operation.Get, again);
        Assert.Equal((8 << 20) + 5 + 1, (await next.ReadAsync()).Body.Length);
        next.Ask(2, Operation.Get, again);
        await next.Expect([(byte)AnswerStatus.Done, (byte)'s', 1, 0, 0, 0, 1]);
    }

    [Fact]
    public async Task Who_waits_gets_what_another_gives_back()
    {
        var channel = Channel.CreateUnbounded<int>();
        await using Connection first = new(), second = new();
        int number = first.Hand(channel.Reader);
        second.Hand(channel.Reader);
        first.Ask(1, Operation.Get, number);
        channel.Writer.TryWrite(42);
        (long id, byte[] body) = await first.ReadAsync();
        Assert.Equal(1, id);
        second.Ask(7, Operation.Get, number);
        first.Ask(2, Operation.GiveBack, number, [(byte)'(', 1, 0, 0, 0, .. body.AsSpan(1)]);
        (id, byte[] again) = await second.ReadAsync();
        Assert.Equal(7, id);
        Assert.Equal(body, again);
    }

    [Fact]
    public async Task Who_does_not_wait_is_refused_though_another_waits_and_one_looks_at_the_channel_at_a_time()
    {
        var channel = new OneAtATime(Channel.CreateUnbounded<int>(new() { SingleReader = true }));
        await using Connection first = new(), second = new();
        int number = first.Hand(channel);
        second.Hand(channel);
        first.Ask(1, Operation.Get, number);
        second.Ask(1, Operation.Get, number, timeout: 0);
        await second.Expect([(byte)AnswerStatus.No]);
        channel.Items.TryWrite(3);
        await first.Expect([(byte)AnswerStatus.Done, (byte)'i', 3, 0, 0, 0]);
        Task[] asking = [.. ((Connection[])[first, second]).Select(c => Task.Run(async () =>
        {
            for (int i = 2; i < 500; i++)
            {
                c.Ask(i, Operation.Get, number);
                Assert.Equal((byte)AnswerStatus.Done, (await c.ReadAsync()).Body[0]);
            }
        }))];
        for (int i = 0; i < 2 * 498; i++)
            channel.Items.TryWrite(i);
        await Task.WhenAll(asking).WaitAsync(Deadline);
        Assert.Equal(0, channel.Clashes);
    }

    [Fact]
    public async Task What_is_withdrawn_is_answered_and_brings_nothing()
    {
        var channel = Channel.CreateBounded<int>(1);
        await using var worker = new Connection();
        int number = worker.Hand(channel);
        worker.Ask(1, Operation.Get, number);
        worker.Say(FrameKind.Withdraw, 1, []);
        await worker.Expect([(byte)AnswerStatus.Withdrawn]);
        channel.Writer.TryWrite(1);
        worker.Ask(2, Operation.Put, number, [(byte)'(', 1, 0, 0, 0, (byte)'i', 2, 0, 0, 0]);
        worker.Say(FrameKind.Withdraw, 2, []);
        await worker.Expect([(byte)AnswerStatus.Withdrawn]);
        Assert.Equal(1, channel.Reader.Count);
        worker.Say(FrameKind.Withdraw, 2, []);   // answered before it was heard
    }

    [Theory]
    [InlineData("an object that it was not handed")]
    [InlineData("an operation that there is not")]
    [InlineData("an operation of another kind")]
    [InlineData("a question asked twice")]
    [InlineData("an item that it has not got, given back")]
    [InlineData("a negative timeout")]
    [InlineData("arguments that are none")]
    [InlineData("too few arguments")]
    [InlineData("a frame of the calls")]
    [InlineData("a question cut short")]
    [InlineData("an object dropped twice")]
    [InlineData("a lock taken by nobody")]
    public async Task What_no_agent_says_is_a_violation(string what)
    {
        var channel = Channel.CreateUnbounded<int>();
        using var guard = new SharedLock();
        await using var worker = new Connection();
        int number = worker.Hand(channel.Reader), locks = worker.Hand(guard);
        Action say = what switch
        {
            "an object that it was not handed" => () => worker.Ask(1, Operation.Get, number + 100_000),
            "an operation that there is not" => () => worker.Ask(1, (Operation)200, number),
            "an operation of another kind" => () => worker.Ask(1, Operation.Acquire, number),
            "a question asked twice" => () =>
            {
                worker.Ask(1, Operation.Get, number);
                worker.Ask(1, Operation.Get, number);
            },
            "an item that it has not got, given back" => () => worker.Ask(1, Operation.GiveBack, number, [(byte)'(', 1, 0, 0, 0, (byte)'i', 1, 0, 0, 0]),
            "a negative timeout" => () => worker.Ask(1, Operation.Get, number, timeout: -2),
            "arguments that are none" => () => worker.Ask(1, Operation.Get, number, [(byte)'?']),
            "too few arguments" => () => worker.Ask(1, Operation.Acquire, locks, actor: 1),
            "a frame of the calls" => () => worker.Say(FrameKind.Result, 1, [(byte)'N']),
            "a question cut short" => () => worker.Say(FrameKind.Ask, 1, [1, 0, 0]),
            "an object dropped twice" => () =>
            {
                worker.Link.Drop(number, 1);
                worker.Link.Drop(number, 1);
            },
            _ => () => worker.Ask(1, Operation.Release, locks),
        };
        Exception refused = Assert.ThrowsAny<Exception>(say);
        Assert.True(refused is ProtocolViolationException or InvalidPayloadException, refused.ToString());
    }

    [Fact]
    public async Task A_worker_whose_thread_has_a_lock_is_seen_to_have_it_and_another_thread_of_it_has_not()
    {
        using SharedLock guard = new("guard");
        await using var worker = new Connection();
        int number = worker.Hand(guard);
        byte[] unrepaired = [(byte)'(', 1, 0, 0, 0, (byte)'F'];
        worker.Ask(1, Operation.Acquire, number, unrepaired, actor: 5);
        await worker.Expect([(byte)AnswerStatus.Done, (byte)'T']);
        worker.Ask(2, Operation.Acquire, number, unrepaired, actor: 6, timeout: 0);
        await worker.Expect([(byte)AnswerStatus.No]);
        worker.Ask(3, Operation.Release, number, actor: 6);
        Assert.Equal((byte)AnswerStatus.Failed, (await worker.ReadAsync()).Body[0]);
        worker.Ask(4, Operation.Acquire, number, unrepaired, actor: 6);
        await worker.Link.EndAsync(ProcessEnd.Unknown).WaitAsync(Deadline);
        Assert.Equal(LockTaken.Abandoned, guard.TryEnter(TimeSpan.Zero));
        guard.MarkConsistent();
        guard.Exit();
    }

    [Theory]
    [Repeated]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_a_worker_asks_the_host_refuses_it_or_answers_it(int seed)
    {
        var random = new Random(seed);
        Channel<int> numbers = Channel.CreateBounded<int>(5);
        Channel<object> things = Channel.CreateUnbounded<object>();
        using SharedLock guard = new(isReentrant: true);
        using SharedReaderWriterLock readers = new();
        using SharedSemaphore semaphore = new(2, 8);
        using SharedEvent signal = new();
        using SharedCondition condition = new();
        using SharedCountdown countdown = new(1000);
        using SharedValue<long> value = new();
        using SharedArray<int> array = new(8);
        await using var worker = new Connection();
        int[] handed = [.. ((object[])[numbers, things, numbers.Reader, numbers.Writer, guard, readers, semaphore, signal, condition, countdown, value, array]).Select(worker.Hand)];
        Operation[] operations = Enum.GetValues<Operation>();
        int refused = 0, taken = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] arguments = Arguments(random, handed);
            for (int changes = random.Next(8) == 0 ? random.Next(1, 4) : 0; changes > 0; changes--)
                arguments[random.Next(arguments.Length)] = (byte)random.Next(256);
            int number = random.Next(30) == 0 ? random.Next(-5, 1000) : handed[random.Next(handed.Length)];
            double timeout = random.Next(10) switch { 0 => double.NaN, 1 => -1, 2 => double.MaxValue, 3 => 0.001, _ => 0 };
            try
            {
                if (random.Next(10) == 0)
                    worker.Say(FrameKind.Withdraw, random.Next(Math.Max(1, round)), []);
                else
                    worker.Ask(random.Next(20) == 0 ? random.Next(100) : round, operations[random.Next(operations.Length)], number, arguments, random.Next(3), timeout);
                taken++;
            }
            catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
            {
                refused++;
            }
        }
        await worker.Link.EndAsync(ProcessEnd.Unknown).WaitAsync(Deadline);
        Assert.True(refused > Rounds / 10 && taken > Rounds / 20, $"{refused} were refused, {taken} taken");
        Assert.NotEqual(LockTaken.No, guard.TryEnter(TimeSpan.Zero));
        Assert.NotEqual(LockTaken.No, readers.TryEnterWrite(TimeSpan.Zero));
        guard.Exit();
        readers.ExitWrite();
    }

    private static byte[] Arguments(Random random, int[] handed)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new PythonWriter(buffer);
        int count = random.Next(4);
        writer.EnterTuple(count);
        for (; count > 0; count--)
        {
            switch (random.Next(6))
            {
                case 0:
                    writer.WriteNone();
                    break;
                case 1:
                    writer.WriteBool(random.Next(2) == 0);
                    break;
                case 2:
                    writer.WriteString("text");
                    break;
                case 3:
                    writer.EnterExtension(Kernmantle.Python.Values.PythonKind.Object);
                    writer.WriteString("lock");
                    writer.WriteInteger(handed[random.Next(handed.Length)]);
                    writer.EnterTuple(0);
                    writer.Leave();
                    writer.Leave();
                    break;
                default:
                    writer.WriteInteger(random.Next(-2, 5));
                    break;
            }
        }
        writer.Leave();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Counts who looks while another one does.</summary>
    private sealed class OneAtATime(Channel<int> channel) : ChannelReader<int>
    {
        private int looking;
        private int clashes;

        public ChannelWriter<int> Items => channel.Writer;

        public int Clashes => clashes;

        public override bool TryRead(out int item)
        {
            if (Interlocked.Increment(ref looking) > 1)
                Interlocked.Increment(ref clashes);
            bool isThere = channel.Reader.TryRead(out item);
            Interlocked.Decrement(ref looking);
            return isThere;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => channel.Reader.WaitToReadAsync(cancellationToken);
    }

    /// <summary>A connection whose other end is the test's.</summary>
    private sealed class Connection : IAsyncDisposable
    {
        private readonly MemoryPool memory = new();
        private readonly Socket theirs;

        public Connection()
        {
            (SafeFileHandle ours, SafeFileHandle other) = Descriptors.SocketPair();
            theirs = new(new SafeSocketHandle(other.DangerousGetHandle(), ownsHandle: true));
            other.SetHandleAsInvalid();
            var settings = new PythonSettings(new() { LoggerFactory = NullLoggerFactory.Instance }, FoundInterpreter.At("/bin/sh"), NullLogger.Instance, memory, static _ => { });
            Link = new(settings, (Interlocked.Increment(ref lastWorker), "tested"), static (_, _, _) => { }, static () => { }, ours);
        }

        public ObjectLink Link { get; }

        public int Hand(object item)
        {
            var named = new CallObjects();
            var buffer = new ArrayBufferWriter<byte>();
            var writer = new PythonWriter(buffer, blocks: null, named);
            PythonCodec.WriteObject(ref writer, item);
            HostObject handed = Assert.Single(named.Named);
            Link.Hand(handed);
            return handed.Number;
        }

        public void Say(FrameKind kind, long id, byte[] body) => ((IFrameReceiver)Link).OnFrame(kind, id, body);

        public void Ask(long id, Operation operation, int number, byte[]? arguments = null, int actor = 0, double timeout = -1)
        {
            byte[] body = new byte[17];
            body[0] = (byte)operation;
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(1), number);
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(5), actor);
            BinaryPrimitives.WriteDoubleLittleEndian(body.AsSpan(9), timeout);
            Say(FrameKind.Ask, id, [.. body, .. arguments ?? [(byte)'(', 0, 0, 0, 0]]);
        }

        public async Task<(long Id, byte[] Body)> ReadAsync()
        {
            byte[] head = await ReadAsync(13);
            Assert.Equal((byte)FrameKind.Answer, head[4]);
            return (BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(5)), await ReadAsync(BinaryPrimitives.ReadInt32LittleEndian(head)));
        }

        public async Task Expect(byte[] body) => AssertItems(body, (await ReadAsync()).Body);

        public void Die() => theirs.Dispose();

        public async ValueTask DisposeAsync()
        {
            theirs.Dispose();
            await Link.DisposeAsync();
            memory.Dispose();
        }

        private async Task<byte[]> ReadAsync(int count)
        {
            byte[] bytes = new byte[count];
            for (int at = 0; at < count;)
            {
                int read = await theirs.ReceiveAsync(bytes.AsMemory(at)).AsTask().WaitAsync(Deadline);
                Assert.True(read > 0, "The connection has ended.");
                at += read;
            }
            return bytes;
        }
    }
}
