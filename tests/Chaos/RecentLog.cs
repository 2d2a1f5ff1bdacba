using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Chaos;

/// <summary>Keeps what the library logged last, to be printed beside a finding.</summary>
internal sealed class RecentLog : ILoggerFactory, ILogger
{
    private const int Kept = 5000;
    private readonly ConcurrentQueue<(long Time, string Line)> lines = new();

    public IEnumerable<(long Time, string Line)> Lines => lines;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lines.Enqueue((Stopwatch.GetTimestamp(), $"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : " " + exception)}"));
        if (lines.Count > Kept)
            lines.TryDequeue(out _);
    }

    public void Clear() => lines.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
