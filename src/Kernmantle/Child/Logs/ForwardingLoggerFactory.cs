using System.Collections.Concurrent;
using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child.Logs;

/// <summary>In a worker process: sends every record to the host, whose own filters decide about it. Thread-safe.</summary>
internal sealed class ForwardingLoggerFactory : ILoggerFactory
{
    private readonly IFrameTransport transport;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, ForwardingLogger> loggers = new(StringComparer.Ordinal);

    public ForwardingLoggerFactory(IFrameTransport transport, TimeProvider clock)
    {
        (this.transport, this.clock) = (transport, clock);
        gaps = new(this);
    }

    public ILogger CreateLogger(string categoryName) =>
        loggers.GetOrAdd(categoryName, static (category, self) => new ForwardingLogger(category, self), this);

    /// <summary>Not supported: providers are the host's affair.</summary>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("A worker forwards its log to the host. Add the provider to the host's factory.");

    /// <summary>Records for which there is no room are dropped and counted; else whoever writes them waits.</summary>
    public bool DropsWhenFull { get; set; }

    public void Send(LogLevel level, EventId eventId, string category, string message, string? exceptionText)
    {
        using var body = new PooledBuffer();
        Write(body, level, eventId, category, message, exceptionText);
        Send(FrameKind.Log, body.Written);
    }

    /// <summary>A record, or what goes the same way. It is on its way when this returns, and arrives whatever becomes of this process.</summary>
    public void Send(FrameKind kind, ReadOnlySpan<byte> body)
    {
        if (DropsWhenFull)
            SendOrDrop(kind, body);
        else
            transport.Send(kind, 0, body);
    }

    private void Write(PooledBuffer body, LogLevel level, EventId eventId, string category, string message, string? exceptionText)
    {
        var writer = new PayloadWriter(body);
        new LogRecord(level, clock.GetUtcNow().UtcDateTime, NativeThread.Id, eventId, category, message, exceptionText).Write(ref writer);
    }

    // --- Where records are dropped ---

    /// <summary>Room that records leave for the one that says that others are dropped, in bytes.</summary>
    private const int Reserve = 1024;

    private readonly Lock gate = new();
    private readonly GapLogger gaps;
    private long dropped;

    /// <summary>Says how many records were dropped, if any were and nobody has said it. May wait for room.</summary>
    public void EndGap()
    {
        if (Volatile.Read(ref dropped) == 0)
            return;
        lock (gate)
            TellDropped();
    }

    private void SendOrDrop(FrameKind kind, ReadOnlySpan<byte> body)
    {
        lock (gate)
        {
            if (!transport.HasRoomFor(body.Length + Reserve))
            {
                if (dropped++ == 0)
                    ChildEvents.DropsFromHere(gaps);
                return;
            }
            TellDropped();
            transport.Send(kind, 0, body);
        }
    }

    private void TellDropped()
    {
        if (dropped == 0)
            return;
        ChildEvents.Dropped(gaps, dropped);
        Volatile.Write(ref dropped, 0);
    }

    public void Dispose()
    {
        // The transport is not owned.
    }

    /// <summary>Sends what tells of dropped records, for which there is a reserve.</summary>
    private sealed class GapLogger(ForwardingLoggerFactory factory) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var body = new PooledBuffer();
            factory.Write(body, logLevel, eventId, LogCategories.Worker, formatter(state, exception), null);
            factory.transport.Send(FrameKind.Log, 0, body.Written);
        }
    }
}
