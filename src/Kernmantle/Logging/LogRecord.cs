using System.Collections;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>
/// A log record as it travels from a worker to its host, and the state under which the host logs it (a list of properties, as
/// log providers expect). Immutable.
/// </summary>
internal sealed class LogRecord(LogLevel level, DateTime time, int threadId, EventId eventId, string category, string message, string? exceptionText, string? threadName = null)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>Longer texts are cut, in characters.</summary>
    private const int MaxText = 256 << 10;

    public LogLevel Level => level;

    /// <summary>When it was written, UTC.</summary>
    public DateTime Time => time;

    /// <summary>The operating system's id of the thread; 0 where unknown.</summary>
    public int ThreadId => threadId;

    /// <summary>The thread's own name; null where it is not told.</summary>
    public string? ThreadName => threadName;

    public EventId EventId => eventId;

    public string Category => category;

    public string Message => message;

    /// <summary>The exception, as text: its object stays in the worker.</summary>
    public string? ExceptionText => exceptionText;

    public int Count => threadName is null ? 3 : 4;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("WorkerTime", time),
        1 => new("WorkerException", exceptionText),
        2 when threadName is not null => new("ThreadName", threadName),
        2 or 3 when index == Count - 1 => new("{OriginalFormat}", message),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public void Write(ref PayloadWriter writer)
    {
        writer.WriteByte((byte)level);
        writer.WriteInt64(time.Ticks);
        writer.WriteInt32(threadId);
        writer.WriteInt32(eventId.Id);
        writer.WriteString(Cut(eventId.Name));
        writer.WriteString(Cut(category));
        writer.WriteString(Cut(message));
        writer.WriteString(Cut(exceptionText));
    }

    /// <exception cref="InvalidPayloadException">No worker writes this.</exception>
    public static LogRecord Read(ref PayloadReader reader)
    {
        var level = (LogLevel)reader.ReadByte();
        if (level is < LogLevel.Trace or > LogLevel.Critical)
            throw new InvalidPayloadException($"A log level {(int)level}.");
        long ticks = reader.ReadInt64();
        if (ticks < DateTime.UnixEpoch.Ticks || ticks > DateTime.MaxValue.Ticks)
            throw new InvalidPayloadException($"A log record of time {ticks}.");
        int threadId = reader.ReadInt32();
        var eventId = new EventId(reader.ReadInt32(), reader.ReadString());
        var record = new LogRecord(
            level, new DateTime(ticks, DateTimeKind.Utc), threadId, eventId, reader.ReadString() ?? "", reader.ReadString() ?? "", reader.ReadString());
        return reader.Remaining == 0 ? record : throw new InvalidPayloadException($"{reader.Remaining} bytes after a log record.");
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The message, and below it the exception.</summary>
    public override string ToString() => exceptionText is null ? message : $"{message}{Environment.NewLine}{exceptionText}";

    private static string? Cut(string? text) => text?.Length > MaxText ? text[..MaxText] : text;
}
