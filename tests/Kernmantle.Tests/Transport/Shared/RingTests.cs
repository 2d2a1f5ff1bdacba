using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

public sealed class RingTests
{
    private const int Small = 64 << 10;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public void Records_come_out_as_they_went_in_over_the_end_of_the_ring_and_back()
    {
        using var ring = new Ring(Small);
        var random = new Random(11);
        var sent = new Queue<byte[]>();
        long written = 0, read = 0;
        while (read < 20_000)
        {
            byte[] body = Bodies.Random(random, Length(random, ring.Writer.LargestBody));
            if (random.Next(3) > 0 && ring.TryWrite(FrameKind.Result, written, body))
            {
                sent.Enqueue(body);
                written++;
            }
            else if (ring.TryRead(out FrameKind kind, out long id, out byte[] got))
            {
                Assert.Equal((FrameKind.Result, read++), (kind, id));
                Assert.True(got.AsSpan().SequenceEqual(sent.Dequeue()), $"record {id}");
            }
        }
    }

    [Fact]
    public void A_full_ring_takes_no_more_until_one_record_is_read()
    {
        using var ring = new Ring(Small);
        byte[] body = Bodies.Random(new Random(12), ring.Writer.LargestBody);
        int count = 0;
        while (ring.TryWrite(FrameKind.Result, count, body))
            count++;
        Assert.InRange(count, 4, 4);
        Assert.False(ring.TryWrite(FrameKind.Result, count, body));
        for (int i = 0; i < 20; i++)
        {
            Assert.True(ring.TryRead(out _, out long id, out byte[] got));
            Assert.Equal(i, id);
            Assert.True(got.AsSpan().SequenceEqual(body));
            Assert.True(ring.TryWrite(FrameKind.Result, count++, body));
        }
    }

    [Fact]
    public void A_ring_full_of_empty_records_keeps_a_place_without_one()
    {
        using var ring = new Ring(Small);
        int count = 0;
        while (ring.TryWrite(FrameKind.Stopped, count, []))
            count++;
        Assert.Equal(Small / RingRecord.Alignment - 1, count);
        for (int i = 0; i < count; i++)
            Assert.True(ring.TryRead(out _, out _, out _));
        Assert.False(ring.Reader.HasRecord);
        Assert.False(ring.TryRead(out _, out _, out _));
    }

    [Fact]
    public void Two_threads_lose_nothing_and_mix_nothing()
    {
        const int Count = 100_000, Seed = 13;
        using var ring = new Ring(Small);
        using var deadline = new CancellationTokenSource(Bound);
        var writer = new Thread(() =>
        {
            var random = new Random(Seed);
            var wait = new SpinWait();
            for (int i = 0; i < Count; i++)
            {
                byte[] body = Bodies.Random(random, Length(random, 2000));
                while (!ring.TryWrite(FrameKind.Progress, i, body) && !deadline.IsCancellationRequested)
                    wait.SpinOnce();
            }
        });
        writer.Start();
        var expected = new Random(Seed);
        var wait = new SpinWait();
        for (int i = 0; i < Count; i++)
        {
            FrameKind kind;
            long id;
            byte[] body;
            while (!ring.TryRead(out kind, out id, out body))
            {
                Assert.False(deadline.IsCancellationRequested, $"stuck at record {i}");
                wait.SpinOnce();
            }
            Assert.Equal((FrameKind.Progress, i), (kind, id));
            Assert.True(body.AsSpan().SequenceEqual(Bodies.Random(expected, Length(expected, 2000))), $"record {i}");
        }
        writer.Join();
        Assert.False(ring.Reader.HasRecord);
    }

    [Theory]
    [InlineData(1L << 40)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    public unsafe void A_head_that_lies_is_a_violation(long lie)
    {
        using var ring = new Ring(Small);
        Fill(ring);
        ring.Words->ResponseHead = lie;
        Assert.Throws<ProtocolViolationException>(() => ring.TryWrite(FrameKind.Result, 1, new byte[1000]));
    }

    [Fact]
    public unsafe void A_head_that_goes_back_is_a_violation()
    {
        using var ring = new Ring(Small);
        Fill(ring);
        while (ring.TryRead(out _, out _, out _))
            continue;
        Fill(ring);   // the writer has seen the head
        ring.Words->ResponseHead -= RingRecord.Alignment;
        Assert.Throws<ProtocolViolationException>(() => ring.TryWrite(FrameKind.Result, 1, new byte[1000]));
    }

    [Theory]
    [InlineData(0, 0, 1)]                     // no kind
    [InlineData(20, 0, 1)]
    [InlineData(31, 0, 1)]
    [InlineData(63, 0, 1)]
    [InlineData(255, 0, 1)]
    [InlineData(34, Small / 4, 1)]
    [InlineData(34, Small, 1)]
    [InlineData(34, int.MaxValue, 1)]
    [InlineData(34, -1, 1)]                   // 4 GiB
    [InlineData(34, int.MinValue, 1)]
    [InlineData(34, 10, -1)]
    [InlineData(34, 10, long.MinValue)]
    public void A_header_that_lies_is_a_violation(byte kind, int length, long id)
    {
        using var ring = new Ring(Small);
        ring.FirstId = id;
        ring.FirstHeader = RingRecord.Header(length, (FrameKind)kind, 0x80, 1);
        Assert.True(ring.Reader.HasRecord);
        Assert.Throws<ProtocolViolationException>(() => ring.TryRead(out _, out _, out _));
    }

    private static void Fill(Ring ring)
    {
        while (ring.TryWrite(FrameKind.Result, 1, new byte[1000]))
            continue;
    }

    /// <summary>Mostly short, sometimes nothing, sometimes the largest.</summary>
    private static int Length(Random random, int largest) => random.Next(8) switch
    {
        0 => 0,
        1 => largest,
        2 => random.Next(largest + 1),
        _ => random.Next(100),
    };
}
