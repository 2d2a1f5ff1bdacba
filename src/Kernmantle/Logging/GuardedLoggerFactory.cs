using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>
/// The user's factory, as this library uses it: what it or its loggers throw reaches no caller, and no logger of it is made before something is
/// logged. Thread-safe; holds no lock while it runs the user's code.
/// </summary>
internal sealed class GuardedLoggerFactory : ILoggerFactory
{
    private static readonly ConditionalWeakTable<ILoggerFactory, GuardedLoggerFactory> Known = [];

    private readonly ILoggerFactory users;
    private int failures;

    private GuardedLoggerFactory(ILoggerFactory users) => this.users = users;

    public static ILoggerFactory Of(ILoggerFactory users) => users as GuardedLoggerFactory ?? Known.GetValue(users, static f => new(f));

    public ILogger CreateLogger(string categoryName) => new GuardedLogger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => users.AddProvider(provider);

    public void Dispose()
    {
        // It is the user's.
    }

    /// <summary>Says once that the factory fails: one that does, does for every record.</summary>
    private void Report(Exception failure)
    {
        if (Interlocked.Exchange(ref failures, 1) != 0)
            return;
        try
        {
            Console.Error.WriteLine($"Kernmantle: a logger of {users.GetType()} failed; records are lost, and further failures of it are not told: {failure}");
        }
        catch (Exception)
        {
            // Standard error is the user's as well, and there is nobody left to tell.
        }
    }

    private sealed class GuardedLogger(GuardedLoggerFactory factory, string category) : ILogger
    {
        private volatile ILogger? made;

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return Target.IsEnabled(logLevel);
            }
            catch (Exception e)
            {
                factory.Report(e);
                return false;
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            try
            {
                return Target.BeginScope(state) is { } scope ? new GuardedScope(factory, scope) : null;
            }
            catch (Exception e)
            {
                factory.Report(e);
                return null;
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                Target.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception e)
            {
                factory.Report(e);
            }
        }

        private ILogger Target => made ??= factory.users.CreateLogger(category);
    }

    private sealed class GuardedScope(GuardedLoggerFactory factory, IDisposable scope) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                scope.Dispose();
            }
            catch (Exception e)
            {
                factory.Report(e);
            }
        }
    }
}
