using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Tests.Payloads;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>What chance finds too rarely, each by itself.</summary>
public sealed class HostileMemoryTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    /// <summary>A correct ring always has a place without a record. One that has none, and a dead worker, must not keep the host at it for ever.</summary>
    [Theory]
    [InlineData("Stopped")]
    [InlineData("Log")]
    public async Task A_ring_without_an_end_ends_with_its_worker(string name)
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        var worker = new HostileWorker(pump);
        FrameKind kind = Enum.Parse<FrameKind>(name);
        byte[] body = kind == FrameKind.Stopped ? [] : HostileRecord.LogBody();
        int size = RingRecord.SizeOf(body.Length);
        Assert.Equal(0, HostileWorker.RingBytes % size);
        worker.FillRing(new HostileRecord(kind, 0, body));
        worker.Bell.Signal(0);
        Assert.True(SpinWait.SpinUntil(() => worker.Receiver.Frames > HostileWorker.RingBytes / size || worker.Ended.IsCompleted, Bound));   // more than once around
        Exception? end = await Task.Run(worker.End).WaitAsync(Bound);
        Assert.True(end is null or ProtocolViolationException, end?.ToString());
        worker.Dispose();
    }

    /// <summary>The last words of a worker that died are the ones that matter: a slow logger must not lose them.</summary>
    [Fact]
    public async Task What_a_worker_wrote_before_its_end_arrives_however_slow_its_taker()
    {
        // So many that some wait in the ring. If the host only paused while it was found out, fewer do: the test asks for less, and does not fail.
        int most = await EndAsync(int.MaxValue, TimeSpan.FromSeconds(1));
        for (int i = 0; i < 100; i++)
            Assert.Equal(most - 1, await EndAsync(most - 1, Bound));
    }

    /// <summary>Ends a worker that has written so many frames, or as many as there was room for; returns how many it wrote.</summary>
    private static async Task<int> EndAsync(int count, TimeSpan patience)
    {
        const int Size = 10_000;
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        using var worker = new HostileWorker(pump);
        using var gate = new ManualResetEventSlim();
        worker.Receiver.BeforeFrame = () => gate.Wait(Bound);
        int written = 0;
        byte[] body = new byte[Size];
        while (written < count && SpinWait.SpinUntil(() => worker.TryWriteBehind(new HostileRecord(FrameKind.Begun, written, body)) || worker.Host.Pump(), patience))
            written = worker.Written;
        Assert.True(written > HostileWorker.RingBytes / Size, $"{written}");
        Task<Exception?> ending = Task.Run(worker.End);
        gate.Set();
        Assert.Null(await ending.WaitAsync(Bound));
        Assert.Equal(written, worker.Receiver.Frames);
        return written;
    }

    /// <summary>Who takes the last answer may be at it still: the connection ends after that, so that the call is not lost with its worker.</summary>
    [Fact]
    public async Task The_end_waits_for_who_takes_the_last_answer()
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        using var worker = new HostileWorker(pump);
        using var gate = new ManualResetEventSlim();
        using var taking = new ManualResetEventSlim();
        worker.Receiver.BeforeResult = () =>
        {
            taking.Set();
            gate.Wait(Bound);
        };
        byte[] answer = Payload.Encode(new int[10]);
        QuickCall call = QuickCall<ValueTuple<int>, int[]>.TryCreate(static (int n) => new int[n], new(ReturnKind.Value, IsVoid: false, HasToken: false), new(1), WorkerPool.NoOptions, synchronous: true, 1 << 20, Timeout.InfiniteTimeSpan, default)!;
        worker.Offer(call, answer);
        worker.TakeRequests();
        worker.Write([new(FrameKind.QuickResult, call.Sequence, answer)]);
        worker.Bell.Signal(0);
        Assert.True(taking.Wait(Bound));
        Task<Exception?> ending = Task.Run(worker.End);
        await OthersEndAsync();
        bool tooEarly = worker.Ended.IsCompleted;
        gate.Set();
        Assert.Null(await ending.WaitAsync(Bound));
        Assert.False(tooEarly);
        Assert.True(call.HasEnded);
    }

    /// <summary>The clock here is not time but other connections, which end one after the other meanwhile, each on the same way as one that does not wait would.</summary>
    private static async Task OthersEndAsync()
    {
        for (int i = 0; i < 50; i++)
        {
            using var pump = new CompletionPump(places: 1, onPatienceOver: null);
            using var other = new HostileWorker(pump);
            Assert.Null(await Task.Run(other.End).WaitAsync(Bound));
        }
    }

    /// <summary>The word that says whether a segment is in use is the worker's to change: memory that is being read must stay, whatever it says.</summary>
    [Fact]
    public void A_segment_that_is_said_to_be_free_while_it_is_read_stays_mapped()
    {
        byte[] answer = Payload.Encode(new int[200_000]);
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        for (int answered = 0; answered < 300;)
        {
            using var worker = new HostileWorker(pump);
            for (int i = 0; i < 4; i++)
                Want(worker, answer.Length);
            while (answered < 300 && TryAnswer(worker, answer))
                answered++;
            Assert.True(worker.End() is null or ProtocolViolationException);   // the segment may be gone before it is looked for
        }
    }

    /// <summary>Asks for another segment, and answers in one that it says is free. False: the connection has failed.</summary>
    private static bool TryAnswer(HostileWorker worker, byte[] answer)
    {
        worker.TakeRequests();
        QuickCall call = QuickCall<ValueTuple<int>, int[]>.TryCreate(static (int n) => new int[n], new(ReturnKind.Value, IsVoid: false, HasToken: false), new(1), WorkerPool.NoOptions, synchronous: true, 1 << 20, Timeout.InfiniteTimeSpan, default)!;
        worker.Offer(call, answer);
        worker.UnderWay.Clear();
        Segment segment = worker.Segments[0];
        answer.CopyTo(segment.Body(answer.Length));
        foreach (Segment each in worker.Segments)
            each.IsInUse = false;
        int newest = worker.Segments[^1].Id;
        worker.Write([new(FrameKind.WantSegment, answer.Length, []), HostileRecord.InSegment(FrameKind.QuickResult, call.Sequence, segment.Id, answer.Length)]);
        worker.LetTake(byPump: false);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                worker.TakeSegments();
                return worker.Ended.IsCompleted || (call.HasEnded && worker.Segments[^1].Id != newest);
            },
            Bound));
        return !worker.Ended.IsCompleted;
    }

    private static void Want(HostileWorker worker, int length)
    {
        int before = worker.Segments.Count;
        worker.Write([new(FrameKind.WantSegment, length, [])]);
        worker.LetTake(byPump: false);
        Assert.True(SpinWait.SpinUntil(() => { worker.TakeSegments(); return worker.Segments.Count > before; }, Bound));
    }
}
