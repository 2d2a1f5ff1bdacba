using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>A log that notices when a pool tells of a deadlock, and passes everything on. Thread-safe.</summary>
internal sealed class DeadlockLog(ILoggerFactory inner) : ILoggerFactory
{
    /// <summary>Of the library's record of a deadlock (docs/logging.md).</summary>
    private const int Deadlock = 1105;

    private volatile TaskCompletionSource<string> told = New();

    /// <summary>The next record of one, from now on.</summary>
    public Task<string> NextAsync() => (told = New()).Task;

    public ILogger CreateLogger(string categoryName) => new Noticing(this, inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // What it passes on to is another's.
    }

    private static TaskCompletionSource<string> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Noticing(DeadlockLog log, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error || inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == Deadlock)
                log.told.TrySetResult(formatter(state, exception));
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
