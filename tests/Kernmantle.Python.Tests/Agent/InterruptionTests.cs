using System.Buffers.Binary;
using System.Collections.Concurrent;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Launch;
using Kernmantle.Logging;
using Kernmantle.Python.Calls;
using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Tests.Pools;
using Kernmantle.Python.Workers;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Python.Tests.Agent;

/// <summary>Signals that make a worker look at a cancellation: one falls after the frame, however the two cross, and they end with the call.</summary>
public sealed class InterruptionTests : PythonTests
{
    [Fact]
    public async Task A_signal_follows_a_frame_that_is_sent_just_when_the_first_one_comes()
    {
        using var worker = new Worker();
        var channel = new Channel { Flushed = new() };
        worker.OnInterrupt = () =>
        {
            worker.Look(channel);
            channel.Deliver();   // it has looked, and now the frame is there
        };
        var interruption = new Interruption(worker, new FakeTimeProvider(), CancellationToken.None);
        Assert.True(interruption.TryTell(7, channel));
        await interruption.SignalAsync(channel).WaitAsync(Deadline);
        Assert.Equal(0, worker.Seen);
        Assert.Equal((1, 1), (worker.Interrupts, worker.Again));
        worker.Look(channel);
        Assert.Equal(1, worker.Seen);
    }

    [Fact]
    public async Task Signals_are_repeated_until_the_worker_has_taken_all_and_again_when_it_says_that_one_is_missing()
    {
        using var worker = new Worker();
        var channel = new Channel();
        var clock = new FakeTimeProvider();
        var interruption = new Interruption(worker, clock, CancellationToken.None);
        Assert.True(interruption.TryTell(7, channel));
        Assert.True(interruption.TryTell(8, channel));
        await interruption.SignalAsync(channel).WaitAsync(Deadline);
        await worker.SignalledAsync(3, clock);
        worker.Taken = 1;
        await worker.SignalledAsync(3, clock);
        worker.Taken = 2;
        await worker.LookedAtAsync(3, clock);
        int before = worker.Again;
        await worker.LookedAtAsync(3, clock);
        Assert.Equal(before, worker.Again);
        worker.Taken = 1;   // a finalizer had it
        await worker.SignalledAsync(1, clock);
        Assert.Equal(1, worker.Interrupts);
        interruption.Forget(7);
        await worker.SignalledAsync(1, clock);
        interruption.Forget(8);
        Task end = interruption.Repeating;
        await Until(() => Advanced(clock, end), "nothing is repeated after the end of the calls");
    }

    [Fact]
    public async Task A_call_is_told_once_and_a_dialect_is_left_alone_after_the_end()
    {
        using var worker = new Worker();
        using var ending = new CancellationTokenSource();
        var channel = new Channel();
        var interruption = new Interruption(worker, new FakeTimeProvider(), ending.Token);
        Assert.True(interruption.TryTell(7, channel));
        Assert.False(interruption.TryTell(7, channel));
        Assert.Equal(1, channel.Sent);
        await ending.CancelAsync();
        await interruption.Repeating.WaitAsync(Deadline);
        Assert.True(interruption.TryTell(8, channel));
        await interruption.Repeating.WaitAsync(Deadline);
        Assert.Equal((0, 0), (worker.Again, worker.Looks));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_is_sent_is_cancelled_after_it()
    {
        using var received = new Gate();
        using var memory = new MemoryPool();
        var settings = new PythonSettings(new() { LoggerFactory = NullLoggerFactory.Instance }, FoundInterpreter.At("/bin/sh"), NullLogger.Instance, memory, static _ => { });
        await using var link = new ProcessPoolWorker(new Owner(), "mute", 1, new()
        {
            // It ignores signals, and writes down what it is told.
            Launch = new() { WorkerName = "mute", Program = new("/bin/sh", ["-c", $"trap '' INT; cat <&4 >/dev/null & exec cat <&3 >{received.Path}"]) },
            Loggers = NullLoggerFactory.Instance,
            Log = NullLogger.Instance,
            WorkerCategory = "worker",
            Clock = TimeProvider.System,
            StartTimeout = Deadline,
            MaxPayloadBytes = 1 << 20,
            StreamWindow = 8,
            FrameWindow = 8,
            Dialect = () => new PythonDialect(settings),
        });
        Task start = link.StartAsync(CancellationToken.None);
        await Until(() => link.ProcessId is not null && received.IsOpen, "the process runs");
        link.Receiver.OnFrame(FrameKind.Ready, 0, DialectFuzzTests.Ready(link.ProcessId!.Value));
        await start.WaitAsync(Deadline);
        var request = new FunctionRequest(PythonOperation.Call, "m:f", PythonArguments.Of(1));
        var call = new PythonCall<int>(request, new(memory, 1 << 20), false, new(), default);
        call.Encode(1 << 20);
        call.CancelRequested = true;
        link.CancelCall(call);
        link.Dispatch(call);
        await Until(() => Kinds(received.Path).Contains(FrameKind.CancelCall), "the cancellation arrives");
        Assert.Equal([FrameKind.Hello, FrameKind.Call, FrameKind.CancelCall], Kinds(received.Path));
        call.Complete(Outcome.Cancelled);
    }

    private static bool Advanced(FakeTimeProvider clock, Task end)
    {
        clock.Advance(Interruption.LongestPause);
        return end.IsCompleted;
    }

    private static List<FrameKind> Kinds(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var kinds = new List<FrameKind>();
        for (int at = 0; at + 13 <= bytes.Length; at += 13 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)))
            kinds.Add((FrameKind)bytes[at + 4]);
        return kinds;
    }

    /// <summary>A worker that looks when it is told to.</summary>
    private sealed class Worker : LinkDialect
    {
        private volatile int again;
        private volatile int looks;
        private long taken;

        public Action OnInterrupt { get; set; } = static () => { };

        public int Interrupts { get; private set; }

        public int Again => again;

        public int Looks => looks;

        public long Taken { get => Volatile.Read(ref taken); set => Volatile.Write(ref taken, value); }

        public int Seen { get; private set; }

        public void Look(Channel channel) => Seen = channel.There;

        public async Task SignalledAsync(int times, FakeTimeProvider clock)
        {
            int wanted = again + times;
            await Until(() => Passed(clock, again >= wanted), "the signal is repeated");
        }

        public async Task LookedAtAsync(int times, FakeTimeProvider clock)
        {
            int wanted = looks + times;
            await Until(() => Passed(clock, looks >= wanted), "what the worker says is looked at");
        }

        private static bool Passed(FakeTimeProvider clock, bool condition)
        {
            if (!condition)
                clock.Advance(Interruption.LongestPause);
            return condition;
        }

        public override void Interrupt()
        {
            Interrupts++;
            OnInterrupt();
        }

        public override void InterruptAgain() => Interlocked.Increment(ref again);

        public override bool HasTaken(long cancellations)
        {
            bool hasTaken = Taken >= cancellations;
            Interlocked.Increment(ref looks);
            return hasTaken;
        }

        public override void Connect(WorkerProcess process) => throw new NotSupportedException();

        public override void WriteHello(ref PayloadWriter writer, string name, int id) => throw new NotSupportedException();

        public override int ReadReady(ref PayloadReader reader) => throw new NotSupportedException();

        public override LogRecord ReadLog(ref PayloadReader reader) => throw new NotSupportedException();

        public override void Lend(Call call) => throw new NotSupportedException();

        public override bool HasBegun(Call call) => throw new NotSupportedException();

        public override WorkerException FailureOf(RemoteFailure failure, Call? call) => throw new NotSupportedException();

        public override void OnMemory(FrameKind kind, Call call, ref PayloadReader reader) => throw new NotSupportedException();

        public override void Dispose()
        {
        }
    }

    /// <summary>A channel that sends at once, or when it is told to.</summary>
    private sealed class Channel : IFrameTransport
    {
        private readonly ConcurrentQueue<long> sent = new();

        public TaskCompletionSource? Flushed { get; init; }

        public int Sent => sent.Count;

        /// <summary>So many frames the worker finds.</summary>
        public int There => Flushed is { Task.IsCompleted: false } ? 0 : sent.Count;

        public void Deliver() => Flushed!.TrySetResult();

        public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default)
        {
            Assert.Equal(FrameKind.CancelCall, kind);
            sent.Enqueue(id);
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken = default) => Flushed is null ? default : new(Flushed.Task);

        public Task ReceiveAsync(IFrameReceiver receiver) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Owner : IWorkerOwner
    {
        public ILogger Log => NullLogger.Instance;

        public bool OnBegun(PoolWorker worker, Call call, bool debuggerAttached) => true;

        public void OnInterleaved(PoolWorker worker, Call call) => Assert.Fail("The worker says nothing.");

        public void OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit) => Assert.Fail("The worker says nothing.");

        public void OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit) => Assert.Fail("No quick call was made.");

        public void OnQuickSucceeded(PoolWorker worker, List<QuickCall> calls) => Assert.Fail("No quick call was made.");

        public void OnLimit(PoolWorker worker, Call call, long id, WorkerException failure) => Assert.Fail("No limit was set.");

        public void OnWorn(PoolWorker worker, Call call) => Assert.Fail("No limit was set.");

        public void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure)
        {
            // It ends with the test.
        }
    }
}
