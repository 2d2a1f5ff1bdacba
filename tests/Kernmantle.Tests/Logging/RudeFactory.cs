using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Logging;

/// <summary>Does something rude before it takes a record: throws, blocks, calls back.</summary>
internal sealed class RudeFactory(Action rudeness) : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Messages { get; } = new();

    public bool ScopesThrow { get; init; }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => ScopesThrow ? throw new FormatException("a rude scope") : null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        rudeness();
        Messages.Enqueue(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
