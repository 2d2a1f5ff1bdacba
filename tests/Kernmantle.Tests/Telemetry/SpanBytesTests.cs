using System.Diagnostics;
using Kernmantle.Telemetry;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Telemetry;

/// <summary>What a worker says of spans is not believed: whatever the bytes are, they are a span or an <see cref="InvalidPayloadException"/>.</summary>
public sealed class SpanBytesTests
{
    [Fact]
    public void Forged_bytes_are_refused()
    {
        byte[] honest = Write(Sample());
        var random = new Random(17);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] forged = i % 2 == 0 ? honest[..random.Next(honest.Length)] : (byte[])honest.Clone();
            for (int flips = i % 2; flips > 0; flips--)
                forged[random.Next(forged.Length)] = (byte)random.Next(256);
            try
            {
                var reader = new PayloadReader(forged);
                SpanRecord.Read(ref reader);
            }
            catch (InvalidPayloadException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 10_000, 20_000);
    }

    [Fact]
    public void A_span_with_more_than_is_allowed_is_cut()
    {
        using var listener = new ActivityListener { ShouldListenTo = static s => s.Name == "Kernmantle.Tests.Cut", Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("Kernmantle.Tests.Cut");
        Activity span = source.StartActivity(new string('n', 5000))!;
        for (int i = 0; i < 1000; i++)
            span.SetTag($"tag {i}", new string('v', 100_000)).AddEvent(new("event", tags: [new("long", new string('v', 100_000))]));
        span.Stop();
        byte[] bytes = Write(SpanRecord.Of(span));
        var reader = new PayloadReader(bytes);
        SpanRecord read = SpanRecord.Read(ref reader);
        Assert.InRange(bytes.Length, 1 << 10, 1 << 20);
        Assert.InRange(read.Tags.Length, 1, SpanRecord.MostTags);
        Assert.Equal(span.SpanId, read.Id);
    }

    private static SpanRecord Sample() => new()
    {
        Source = "s", Version = "1", Name = "n", DisplayName = "d", Kind = ActivityKind.Server, Id = ActivitySpanId.CreateRandom(),
        Parent = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "a=b"),
        Started = DateTime.UnixEpoch.AddYears(50), Duration = TimeSpan.FromSeconds(1), Status = ActivityStatusCode.Ok, StatusText = "t",
        Tags = [new("a", "b"), new("c", 1L), new("d", new double[] { 1, 2 }), new("e", true), new("f", null)],
        Events = [new("e", DateTimeOffset.UnixEpoch.AddYears(50), [new("g", "h")])],
        Links = [new(new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), default), [new("i", "j")])],
    };

    private static byte[] Write(SpanRecord span)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        span.Write(ref writer);
        return body.Written.ToArray();
    }
}
