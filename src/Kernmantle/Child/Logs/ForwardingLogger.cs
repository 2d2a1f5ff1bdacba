using Microsoft.Extensions.Logging;

namespace Kernmantle.Child.Logs;

/// <summary>One category of a <see cref="ForwardingLoggerFactory"/>.</summary>
internal sealed class ForwardingLogger(string category, ForwardingLoggerFactory factory) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Trace and <= LogLevel.Critical;

    /// <summary>Scopes are objects of this process and do not cross; the host adds its own, <c>WorkerScope</c>.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (IsEnabled(logLevel))
            factory.Send(logLevel, eventId, category, formatter(state, exception) ?? "", exception?.ToString());
    }
}
