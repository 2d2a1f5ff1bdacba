using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Logging;
using Kernmantle.Payloads;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>A record as a worker writes it, or as no worker does.</summary>
internal sealed class HostileRecord(FrameKind kind, long id, byte[] body, byte flags = 0)
{
    private long header = RingRecord.Header(body.Length, kind, flags, RingRecord.NotMeasured);

    public long Id { get; set; } = id;

    public byte[] Body { get; set; } = body;

    public ref long Header => ref header;

    public FrameKind Kind => new RecordHeader(header).Kind;

    public bool IsAnswer => Kind is FrameKind.QuickResult or FrameKind.QuickEnd;

    /// <summary>The room it takes; more than the header says, or less, if that lies.</summary>
    public int Size => RingRecord.SizeOf(Body.Length);

    public HostileRecord Clone() => new(Kind, Id, [.. Body]) { Header = header };

    public static HostileRecord InSegment(FrameKind kind, long id, int segment, int length) =>
        new(kind, id, MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentBody>([new(segment, length)])).ToArray(), RingRecord.InSegment);

    /// <summary>A correct frame that answers no call.</summary>
    public static HostileRecord Frame(Random random) => random.Next(12) switch
    {
        0 => new(FrameKind.Stopped, 0, []),
        1 => new(FrameKind.Begun, random.Next(), [0]),
        2 => new(FrameKind.Result, random.Next(), Text(random)),
        3 => new(FrameKind.Failed, random.Next(), Failure()),
        4 => new(FrameKind.Progress, random.Next(), Bodies.Of((ref PayloadWriter w) =>
        {
            w.WriteInt32(1);
            Codecs.For<int[]>().Write(ref w, [1, 2, 3]);
        })),
        5 => new(FrameKind.StreamItem, random.Next(), Text(random)),
        6 => new(FrameKind.TooLarge, random.Next(), new byte[16]),
        7 => new(FrameKind.Ready, 0, Bodies.Of(static (ref PayloadWriter w) => new Ready(7).Write(ref w))),
        8 => new(FrameKind.WantSegment, random.Next(20_000), []),
        9 => new(FrameKind.BufferReleased, random.Next(100), []),
        _ => new(FrameKind.Log, 0, LogBody()),
    };

    /// <summary>With the header, 128 bytes.</summary>
    public static byte[] LogBody() => Bodies.Of(static (ref PayloadWriter w) =>
        new LogRecord(LogLevel.Information, DateTime.UnixEpoch, 1, default, "category", "a message of its length. 12", null).Write(ref w));

    public static byte[] Failure() =>
        Bodies.Of(static (ref PayloadWriter w) => RemoteFailure.Of(new InvalidOperationException("failed", new ArgumentException("inner"))).Write(ref w));

    private static byte[] Text(Random random)
    {
        string text = new('x', random.Next(200));
        return Bodies.Of((ref PayloadWriter w) => w.WriteString(text));
    }
}
