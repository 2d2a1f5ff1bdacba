using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>Writes records as lines of text. One logger serves all categories, since the lines do not show them.</summary>
internal sealed class LineLoggerFactory(TextWriter? output, bool includeScopes, LogLevel minimum, TimeProvider clock, bool leavesOutLives = false) : ILoggerFactory, ILogger
{
    private readonly Lock gate = new();
    private readonly LoggerExternalScopeProvider scopes = new();

    /// <summary>Nobody asked for this factory where it is only the default: that workers end as planned is then not said.</summary>
    public ILogger CreateLogger(string categoryName) => leavesOutLives && categoryName.StartsWith(LogCategories.Pool, StringComparison.Ordinal) ? new WarningsOnly(this) : this;

    /// <summary>Not supported: this factory is its only provider.</summary>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("This factory writes lines only. Use LoggerFactory.Create of Microsoft.Extensions.Logging to combine providers.");

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => includeScopes ? scopes.Push(state) : null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        DateTimeOffset time = state is LogRecord forwarded
            ? TimeZoneInfo.ConvertTime(new DateTimeOffset(forwarded.Time), clock.LocalTimeZone)
            : clock.GetLocalNow();
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{time:HH:mm:ss}: {formatter(state, exception)}");
        if (includeScopes && FindWorker() is { } worker)
            line.Append(CultureInfo.InvariantCulture, $" ({worker})");
        line.AppendLine();
        if (exception is not null)
            line.Append(exception).AppendLine();
        lock (gate)
            (output ?? Console.Error).Write(line.ToString());
    }

    public void Dispose()
    {
        // Nothing is owned: the writer is the caller's, or the console.
    }

    private WorkerScope? FindWorker()
    {
        var found = new Found();
        scopes.ForEachScope(static (scope, box) => box.Worker = scope as WorkerScope ?? box.Worker, found);
        return found.Worker;
    }

    private sealed class WarningsOnly(ILogger all) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => all.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && all.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                all.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    private sealed class Found
    {
        public WorkerScope? Worker { get; set; }
    }
}
