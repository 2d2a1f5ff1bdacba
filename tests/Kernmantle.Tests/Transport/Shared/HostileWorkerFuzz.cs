using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>
/// Correct records and words, made wrong at random: the host delivers what is valid or ends the connection for a violation, and
/// nothing else happens to it.
/// </summary>
public sealed class HostileWorkerFuzz
{
    /// <summary>Rounds with one connection, unless a violation ends it.</summary>
    private const int RoundsEach = 60;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly CancellationToken stop = TestContext.Current.CancellationToken;
    private volatile HostileWorker? scribbledOn;
    private volatile string doing = "";
    private int tried;
    private int connections;
    private int violations;
    private long delivered;

    [Fact]
    public async Task A_worker_that_writes_anything_harms_only_itself()
    {
        int seed = Fuzzing.Seed;
        using var ended = new CancellationTokenSource();
        Task scribbling = Task.Factory.StartNew(() => Scribble(seed, ended.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task fuzzing = Task.Factory.StartNew(() => Fuzz(seed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        int seen = -1;
        while (await Task.WhenAny(fuzzing, scribbling, Task.Delay(Bound, stop)) is var first && first != fuzzing)
        {
            Assert.False(scribbling.IsFaulted, scribbling.Exception?.ToString());
            Assert.True(seen != tried, $"KERNMANTLE_FUZZ_SEED={seed}: nothing happens any more after {tried} mutations: {doing}");
            seen = tried;
        }
        await ended.CancelAsync();
        await fuzzing;
        await scribbling;
        string counts = $"{tried} mutations, {connections} connections, {violations} violations, {delivered} delivered, KERNMANTLE_FUZZ_SEED={seed}";
        TestContext.Current.SendDiagnosticMessage(counts);
        TestContext.Current.TestOutputHelper!.WriteLine(counts);
        Assert.True(violations > tried / 100 && delivered > tried / 100, counts);
    }

    /// <summary>What the other test makes wrong is right before: else it would prove nothing.</summary>
    [Fact]
    public void The_same_worker_without_mistakes_is_believed()
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        using var worker = new HostileWorker(pump);
        var random = new Random(1);
        int wanted = 0;
        for (int round = 0; round < 2000; round++)
        {
            wanted += Round(worker, random, mistakes: false);
            // A correct worker uses no segment while it waits for another: the host may be about to drop it.
            Assert.True(SpinWait.SpinUntil(
                () =>
                {
                    worker.TakeSegments();
                    return worker.Granted == wanted || worker.Ended.IsCompleted;
                },
                Bound));
            Assert.False(worker.Ended.IsCompleted, worker.Ended.Exception?.ToString());
        }
        Assert.Null(worker.End());
        Assert.Null(worker.Receiver.Broken);
        Assert.InRange(worker.Receiver.Results, 1000, int.MaxValue);
        Assert.InRange(worker.Segments.Count, 1, 4);
    }

    private void Fuzz(int seed)
    {
        using var pump = new CompletionPump(places: 1, onPatienceOver: null);
        for (int number = 0; tried < Fuzzing.Count && !stop.IsCancellationRequested; number++)
        {
            try
            {
                Connect(pump, new Random(HashCode.Combine(seed, number)));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"KERNMANTLE_FUZZ_SEED={seed}, connection {number}, after {tried} mutations: {e.Message}", e);
            }
        }
    }

    private void Connect(CompletionPump pump, Random random)
    {
        connections++;
        doing = "connecting";
        using var worker = new HostileWorker(pump);
        try
        {
            int every = random.Next(3) == 0 ? 10 : 1;   // some get far before they go wrong
            scribbledOn = random.Next(20) == 0 ? worker : null;
            for (int round = 0; round < RoundsEach && !worker.Ended.IsCompleted; round++)
                Round(worker, random, mistakes: random.Next(every) == 0);
        }
        finally
        {
            scribbledOn = null;
            delivered += worker.Receiver.Frames + worker.Receiver.Results + worker.Receiver.Ends;
        }
        doing = "ending";
        Exception? end = random.Next(10) == 0 && !worker.Ended.IsCompleted ? null : worker.End();
        Assert.True(end is null or ProtocolViolationException or InvalidPayloadException, end?.ToString());
        Assert.True(worker.Receiver.Broken is null, worker.Receiver.Broken?.ToString());
        doing = "disposing";
        violations += end is null ? 0 : 1;
    }

    private int Round(HostileWorker worker, Random random, bool mistakes)
    {
        doing = "offering";
        for (int i = random.Next(4); i > 0; i--)
        {
            (QuickCall call, byte[] answer) = random.Next(5) == 0 ? (new HostileSlice(random.Next(1, 200), worker.Receiver.Break), new byte[sizeof(long)]) : HostileCalls.Create(random);
            worker.Offer(call, answer);
        }
        if (random.Next(16) == 0)
            worker.Host.Send(FrameKind.Call, 1, new byte[random.Next(2000)], new byte[random.Next(40_000)]);
        doing = "taking requests";
        worker.TakeRequests();
        doing = "taking segments";
        worker.TakeSegments();
        List<HostileRecord> records = Records(worker, random);
        if (mistakes && random.Next(3) > 0 && records.Count > 0)
        {
            HostileMutation.OfRecords(records, random, worker.Segments);
            tried++;
        }
        if (mistakes && random.Next(3) > 0)
        {
            HostileMutation.OfWords(worker, random);
            tried++;
        }
        doing = "asking the host";
        if (random.Next(30) == 0)
            AskHost(worker, random);
        doing = "writing";
        worker.Write(records);
        doing = "letting the host take";
        worker.LetTake(byPump: random.Next(10) == 0);
        return records.Count(static r => r.Kind == FrameKind.WantSegment);
    }

    /// <summary>What the host's pool asks of a connection at any time, whatever the words say.</summary>
    private static void AskHost(HostileWorker worker, Random random)
    {
        _ = worker.Host.LastBegun;
        if (worker.UnderWay.Count > 0)
            _ = worker.Host.Attend(worker.UnderWay[^1].Call, Attendance.Look) || worker.Host.Attend(worker.UnderWay[^1].Call, Attendance.Leave);
        if (random.Next(3) == 0 && worker.Host.TryRecall(out long first, out long last))
            worker.UnderWay.RemoveAll(u => u.Call.Sequence >= first && u.Call.Sequence <= last);
        for (int i = random.Next(8) == 0 ? 10 : 0; i > 0; i--)
            worker.Host.Send(FrameKind.Call, 1, [], new byte[HostileWorker.RingBytes / 5]);   // more than the ring holds
    }

    private static List<HostileRecord> Records(HostileWorker worker, Random random)
    {
        List<HostileRecord> records = [];
        for (int i = random.Next(5); i > 0; i--)
        {
            if (worker.UnderWay.Count == 0 || random.Next(3) == 0)
            {
                records.Add(HostileRecord.Frame(random));
                continue;
            }
            (QuickCall call, byte[] answer) = worker.UnderWay[0];
            worker.UnderWay.RemoveAt(0);
            if (call is HostileSlice && random.Next(4) == 0 && call.Sequence > call.First)
                records.Add(new(FrameKind.QuickEnd, random.NextInt64(call.First, call.Sequence), [(byte)FrameKind.Failed, .. HostileRecord.Failure()]));
            records.Add(Answer(worker, random, call.Sequence, answer, call is HostileSlice));
        }
        return records;
    }

    private static HostileRecord Answer(HostileWorker worker, Random random, long sequence, byte[] answer, bool isSlice)
    {
        if (isSlice)
            return new(FrameKind.SliceEnd, sequence, answer);
        if (random.Next(8) == 0)
            return new(FrameKind.QuickEnd, sequence, [(byte)FrameKind.Failed, .. HostileRecord.Failure()]);
        if (random.Next(3) > 0 || worker.Segments.Find(s => !s.IsInUse && s.Capacity >= answer.Length) is not { } segment)
            return new(FrameKind.QuickResult, sequence, answer, random.Next(2) == 0 ? RingRecord.Attended : (byte)0);
        answer.CopyTo(segment.Body(answer.Length));
        segment.IsInUse = true;
        return HostileRecord.InSegment(FrameKind.QuickResult, sequence, segment.Id, answer.Length);
    }

    /// <summary>Changes what the host reads, while it reads it.</summary>
    private void Scribble(int seed, CancellationToken end)
    {
        var random = new Random(seed);
        while (!end.IsCancellationRequested)
        {
            if (scribbledOn is { } worker)
                worker.Scribble(random);
            else
                Thread.Yield();
        }
    }
}
