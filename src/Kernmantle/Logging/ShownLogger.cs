using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>The logger of functions that run in this process: what they write is kept for whoever looks into the program, too.</summary>
internal sealed class ShownLogger(ILogger users, string category, string worker) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => users.IsEnabled(logLevel);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => users.BeginScope(state);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        LogRing.Current?.Add(logLevel, DateTime.UtcNow, category, pool: null, worker, eventId.Id, exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}");
        users.Log(logLevel, eventId, state, exception, formatter);
    }
}
