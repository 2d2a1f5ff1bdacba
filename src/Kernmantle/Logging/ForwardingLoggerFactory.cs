using System.Collections.Concurrent;
using System.Globalization;
using Kernmantle.Payloads;
using Kernmantle.Processes.Transport;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>In a worker process: sends every record to the host, whose own filters decide about it. Thread-safe.</summary>
internal sealed class ForwardingLoggerFactory(IFrameTransport transport, TimeProvider clock) : ILoggerFactory
{
    private readonly ConcurrentDictionary<string, ForwardingLogger> loggers = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) =>
        loggers.GetOrAdd(categoryName, static (category, self) => new ForwardingLogger(category, self), this);

    /// <summary>Not supported: providers are the host's affair.</summary>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("A worker forwards its log to the host. Add the provider to the host's factory.");

    /// <summary>Records for which there is no room are dropped and counted; else whoever writes them waits.</summary>
    public bool DropsWhenFull { get; set; }

    public void Send(LogLevel level, EventId eventId, string category, string message, string? exceptionText)
    {
        var record = new LogRecord(level, clock.GetUtcNow().UtcDateTime, NativeThread.Id, eventId, category, message, exceptionText);
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        record.Write(ref writer);
        if (DropsWhenFull)
            SendOrDrop(body.Written);
        else
            transport.Send(FrameKind.Log, 0, body.Written);
    }

    // --- Where records are dropped ---

    /// <summary>Room that records leave for the one that says that others are dropped, in bytes.</summary>
    private const int Reserve = 1024;

    private readonly Lock gate = new();
    private long dropped;

    /// <summary>Says how many records were dropped, if any were and nobody has said it. May wait for room.</summary>
    public void EndGap()
    {
        if (Volatile.Read(ref dropped) == 0)
            return;
        lock (gate)
            TellDropped();
    }

    private void SendOrDrop(ReadOnlySpan<byte> body)
    {
        lock (gate)
        {
            if (!transport.HasRoomFor(body.Length + Reserve))
            {
                if (dropped++ == 0)
                    Tell("Log records are dropped from here on: the host does not take them as fast as they are written.");
                return;
            }
            TellDropped();
            transport.Send(FrameKind.Log, 0, body);
        }
    }

    private void TellDropped()
    {
        if (dropped == 0)
            return;
        Tell(string.Create(CultureInfo.InvariantCulture, $"{dropped} log records were dropped."));
        Volatile.Write(ref dropped, 0);
    }

    private void Tell(string message)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        new LogRecord(LogLevel.Warning, clock.GetUtcNow().UtcDateTime, NativeThread.Id, default, "Kernmantle.Worker", message, null).Write(ref writer);
        transport.Send(FrameKind.Log, 0, body.Written);
    }

    public void Dispose()
    {
        // The transport is not owned.
    }
}
