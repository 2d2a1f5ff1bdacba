using Kernmantle.Payloads;
using System.Collections.Concurrent;
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

    public void Send(LogLevel level, EventId eventId, string category, string message, string? exceptionText)
    {
        var record = new LogRecord(level, clock.GetUtcNow().UtcDateTime, NativeThread.Id, eventId, category, message, exceptionText);
        using var body = new PooledBuffer();
        var writer = new Payloads.PayloadWriter(body);
        record.Write(ref writer);
        transport.Send(FrameKind.Log, 0, body.Written);
    }

    public void Dispose()
    {
        // The transport is not owned.
    }
}
