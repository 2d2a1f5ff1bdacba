using System.Diagnostics;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Telemetry;

/// <summary>The parts of a span as bytes: ids as they are, times as ticks of UTC.</summary>
internal static class SpanBytes
{
    private const int TraceIdBytes = 16, SpanIdBytes = 8;

    public static bool IsTime(long ticks) => ticks >= DateTime.UnixEpoch.Ticks && ticks <= DateTime.MaxValue.Ticks;

    /// <summary>That time, or the first one that <see cref="IsTime"/>: a program may say that something was in 1969.</summary>
    public static long TimeOf(DateTime utc) => Math.Max(utc.Ticks, DateTime.UnixEpoch.Ticks);

    public static void Write(ref PayloadWriter writer, ActivitySpanId id)
    {
        Span<byte> bytes = stackalloc byte[SpanIdBytes];
        id.CopyTo(bytes);
        writer.WriteBytes(bytes);
    }

    public static void Write(ref PayloadWriter writer, in ActivityContext context)
    {
        Span<byte> bytes = stackalloc byte[TraceIdBytes];
        context.TraceId.CopyTo(bytes);
        writer.WriteBytes(bytes);
        Write(ref writer, context.SpanId);
        writer.WriteByte((byte)context.TraceFlags);
    }

    public static ActivitySpanId ReadId(ref PayloadReader reader) => ActivitySpanId.CreateFromBytes(reader.ReadBytes(SpanIdBytes));

    public static ActivityContext ReadContext(ref PayloadReader reader) =>
        new(ActivityTraceId.CreateFromBytes(reader.ReadBytes(TraceIdBytes)), ReadId(ref reader), (ActivityTraceFlags)reader.ReadByte(), isRemote: true);

    public static ActivityEvent ReadEvent(ref PayloadReader reader)
    {
        string name = reader.ReadString() ?? "";
        long time = reader.ReadInt64();
        if (!IsTime(time))
            throw new InvalidPayloadException($"An event of a span at {time}.");
        return new(name, new DateTimeOffset(time, TimeSpan.Zero), [.. TagValues.Read(ref reader, SpanRecord.MostTags)]);
    }
}
