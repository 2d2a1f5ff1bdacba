using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using Kernmantle.Host.Lane;
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

namespace Kernmantle.Python.Tests.Agent;

/// <summary>
/// The host's side of the dialect gets frames that no agent would send: it refuses them by the two exceptions that end a worker, or takes them, and
/// nothing else comes of it. The worker is a process that reads and says nothing; the test speaks for it.
/// </summary>
public sealed class DialectFuzzTests : PythonTests
{
    private static readonly int Rounds = Repetitions.Of(quick: 2000, atLength: Fuzzing.Count / 10);

    private static readonly FrameKind[] Kinds =
    [
        FrameKind.Begun, FrameKind.Result, FrameKind.Failed, FrameKind.Cancelled, FrameKind.StreamItem, FrameKind.Log, FrameKind.TooLarge,
        FrameKind.Interleaved, FrameKind.WantMemory, FrameKind.MemoryKept, FrameKind.Stopped, FrameKind.Ready, FrameKind.Progress,
        FrameKind.Unavailable, FrameKind.NotPortable, FrameKind.QuickResult, FrameKind.WantBuffer, FrameKind.Hello, FrameKind.Call, (FrameKind)77, FrameKind.ClockStarted, FrameKind.ClockStopped,
        FrameKind.DropObject, FrameKind.Ask, FrameKind.Withdraw, FrameKind.Answer,
    ];

    /// <summary>What marshal writes, of several kinds, to be changed.</summary>
    private static readonly byte[][] Values =
    [
        [(byte)'N'],
        [(byte)'i', 1, 0, 0, 0],
        [(byte)'g', 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
        [(byte)'u', 3, 0, 0, 0, (byte)'a', (byte)'b', (byte)'c'],
        [(byte)'l', 2, 0, 0, 0, 1, 0, 1, 0],
        [(byte)'[', 2, 0, 0, 0, (byte)'i', 1, 0, 0, 0, (byte)'N'],
        [(byte)'{', (byte)'i', 1, 0, 0, 0, (byte)'T', (byte)'0'],
        Block(),
    ];

    [Theory]
    [Repeated]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_a_worker_says_the_host_refuses_it_or_takes_it(int seed)
    {
        var random = new Random(seed);
        var options = new PythonPoolOptions { MaxPayloadBytes = 1 << 20, LoggerFactory = NullLoggerFactory.Instance };
        using var memory = new MemoryPool();
        var settings = new PythonSettings(options, FoundInterpreter.At("/bin/sh"), NullLogger.Instance, memory, static _ => { });
        var owner = new Owner();
        await using var link = new ProcessPoolWorker(owner, "mute", 1, new()
        {
            Launch = new() { WorkerName = "mute", Program = new("/bin/sh", ["-c", "cat <&4 >/dev/null & exec cat <&3 >/dev/null"]) },
            Loggers = NullLoggerFactory.Instance,
            Log = NullLogger.Instance,
            WorkerCategory = "worker",
            Clock = TimeProvider.System,
            StartTimeout = Deadline,
            MaxPayloadBytes = options.MaxPayloadBytes,
            StreamWindow = 8,
            FrameWindow = 8,
            Dialect = () => new PythonDialect(settings),
        });
        Task start = link.StartAsync(CancellationToken.None);
        await Until(() => link.ProcessId is not null, "the process runs");
        link.Receiver.OnFrame(FrameKind.Ready, 0, Ready(link.ProcessId!.Value));
        await start.WaitAsync(Deadline);
        int refused = 0, taken = 0;
        var calls = new List<Call>();
        for (int round = 0; round < Rounds; round++)
        {
            Call call = NewCall(random, memory);
            call.Encode(options.MaxPayloadBytes);
            link.Dispatch(call);
            calls.Add(call);
            using var frames = new FrameAssembler(FrameLimits.MaxBody(options.MaxPayloadBytes));
            byte[] said = Say(random, call, calls);
            try
            {
                for (int at = 0; at < said.Length;)
                {
                    Memory<byte> space = frames.Space;
                    int count = Math.Min(space.Length, said.Length - at);
                    said.AsMemory(at, count).CopyTo(space);
                    frames.Take(count, link.Receiver);
                    at += count;
                }
                taken++;
            }
            catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
            {
                refused++;
            }
            if (!owner.Ended.ContainsKey(call.Id))
                call.Complete(Outcome.Failed(new InvalidPayloadException("The end of the round.")));
        }
        Assert.True(refused > Rounds / 10 && taken > Rounds / 20, $"{refused} were refused, {taken} taken");
        Assert.NotEmpty(owner.Ended);
    }

    private static Call NewCall(Random random, MemoryPool pool)
    {
        var memory = new CallMemory(pool, 1 << 20);
        var request = new FunctionRequest(PythonOperation.Call, "m:f", PythonArguments.Of(1, random.Next(20) == 0 ? new double[10_000] : "a"));
        var options = new CallOptions { Name = "fuzzed" };
        return random.Next(5) switch
        {
            0 => new PythonCall<int>(request, memory, false, options, default),
            1 => new PythonCall<object>(request, memory, true, options, default),
            2 => new PythonCall<double[]>(request, memory, false, options, default),
            3 => new PythonStreamCall<object>(request with { Operation = PythonOperation.Stream }, memory, false, options, 8, new()),
            _ => new PythonBatch<int, int>("m:f", [.. Enumerable.Range(0, random.Next(1, 20))], 0, memory, options, default),
        };
    }

    /// <summary>Some frames, first as an agent would say them, then with changed bytes.</summary>
    private static byte[] Say(Random random, Call call, List<Call> calls)
    {
        var said = new ArrayBufferWriter<byte>();
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            FrameKind kind = Kinds[random.Next(Kinds.Length)];
            byte[] body = Body(random, kind);
            long id = random.Next(10) switch { 0 => random.NextInt64(), 1 => calls[random.Next(calls.Count)].Id, _ => call.Id };
            Span<byte> head = said.GetSpan(13);
            BinaryPrimitives.WriteUInt32LittleEndian(head, random.Next(50) == 0 ? (uint)random.Next() * 2 : (uint)body.Length);
            head[4] = (byte)kind;
            BinaryPrimitives.WriteInt64LittleEndian(head[5..], id);
            said.Advance(13);
            said.Write(body);
        }
        byte[] bytes = said.WrittenSpan.ToArray();
        for (int changes = random.Next(3); changes > 0; changes--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static byte[] Body(Random random, FrameKind kind)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        switch (kind)
        {
            case FrameKind.Failed:
                WriteFailure(ref writer, random.Next(4));
                break;
            case FrameKind.Log:
                writer.WriteByte((byte)random.Next(8));
                writer.WriteInt64(BitConverter.DoubleToInt64Bits(random.Next(3) switch { 0 => double.NaN, 1 => random.NextDouble() * 1e12, _ => 1.7e9 }));
                writer.WriteInt32(random.Next());
                foreach (string? text in (string?[])["thread", "category", "message", null])
                    writer.WriteString(text);
                break;
            case FrameKind.StreamItem:
                writer.WriteInt32(random.Next(-2, 22));
                writer.WriteByte((byte)random.Next(8));
                writer.WriteBytes(Values[random.Next(Values.Length)]);
                break;
            case FrameKind.WantMemory or FrameKind.TooLarge:
                writer.WriteInt64(random.Next(4) switch { 0 => random.NextInt64(), 1 => -1, _ => random.Next(1 << 21) });
                writer.WriteInt64(random.NextInt64());
                break;
            case FrameKind.MemoryKept:
                writer.WriteInt32(random.Next(-1, 100));
                break;
            case FrameKind.Begun:
                writer.WriteByte(0);
                break;
            default:
                if (random.Next(4) == 0)
                    writer.WriteInt64(BitConverter.DoubleToInt64Bits(0.001));
                writer.WriteBytes(Values[random.Next(Values.Length)]);
                break;
        }
        return body.Written.ToArray();
    }

    internal static byte[] Ready(int processId)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        writer.WriteInt32(processId);
        foreach (string text in (string[])["3.11.7", "cpython", "/mute"])
            writer.WriteString(text);
        writer.WriteByte(1);
        writer.WriteByte(0);
        return body.Written.ToArray();
    }

    private static void WriteFailure(ref PayloadWriter writer, int depth)
    {
        foreach (string text in (string[])["ValueError", "text", "trace"])
            writer.WriteString(text);
        writer.WriteByte((byte)(depth > 0 ? 1 : 0));
        if (depth > 0)
            WriteFailure(ref writer, depth - 1);
    }

    /// <summary>An array in shared memory: (..., "block", "d", (2,), 1, 0).</summary>
    private static byte[] Block() =>
    [
        (byte)'(', 6, 0, 0, 0, (byte)'.', (byte)'u', 5, 0, 0, 0, .. "block"u8, (byte)'u', 1, 0, 0, 0, (byte)'d',
        (byte)'(', 1, 0, 0, 0, (byte)'i', 2, 0, 0, 0, (byte)'i', 1, 0, 0, 0, (byte)'i', 0, 0, 0, 0,
    ];

    private sealed class Owner : IWorkerOwner
    {
        public ConcurrentDictionary<long, Outcome> Ended { get; } = new();

        public ILogger Log => NullLogger.Instance;

        public bool OnBegun(PoolWorker worker, Call call, bool debuggerAttached) => true;

        public void OnInterleaved(PoolWorker worker, Call call) => call.Interleaves = true;

        public void OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit)
        {
            Assert.True(Ended.TryAdd(call.Id, outcome), $"{call} ended twice");
            call.Complete(outcome);
        }

        public void OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit) => Assert.Fail("No quick call was made.");

        public void OnQuickSucceeded(PoolWorker worker, List<QuickCall> calls) => Assert.Fail("No quick call was made.");

        public void OnLimit(PoolWorker worker, Call call, long id, WorkerException failure) => Assert.Fail("No limit was set.");

        public void OnWorn(PoolWorker worker, Call call) => Assert.Fail("No limit was set.");

        public void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure)
        {
            // The process reads at its own pace, and may be given up for it; what the host takes is not changed by that.
        }
    }
}
