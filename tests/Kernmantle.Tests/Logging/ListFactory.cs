using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Logging;

/// <summary>Keeps what is logged, with the innermost scope.</summary>
internal sealed class ListFactory : ILoggerFactory
{
    public ConcurrentQueue<Entry> Entries { get; } = new();

    public ConcurrentDictionary<string, ILogger> Categories { get; } = new();

    /// <summary>The category of each logger that was asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public ILogger CreateLogger(string categoryName)
    {
        Asked.Enqueue(categoryName);
        return Categories.GetOrAdd(categoryName, name => new ListLogger(name, Entries));
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    /// <summary>Waits until one is there, and returns the first: a pool waits a second for its records at its end, which a crowded thread pool can be late for.</summary>
    public async Task<Entry> FindAsync(Func<Entry, bool> which)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            if (Entries.FirstOrDefault(which) is { } found)
                return found;
            if (deadline.IsCancellationRequested)
                Assert.Fail($"No such record among: {string.Join(" | ", Entries.Select(static e => e.Message))}");
            await tick.WaitForNextTickAsync();
        }
    }

    internal sealed record Entry(string Category, LogLevel Level, EventId EventId, string Message, object? Scope)
    {
        /// <summary>The record's properties by name, where it has any.</summary>
        public IReadOnlyDictionary<string, object?> Properties { get; init; } = new Dictionary<string, object?>();
    }

    private sealed class ListLogger(string category, ConcurrentQueue<Entry> entries) : ILogger
    {
        private readonly LoggerExternalScopeProvider scopes = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            object?[] scope = [null];
            scopes.ForEachScope(static (each, box) => box[0] = each, scope);
            entries.Enqueue(new(category, logLevel, eventId, formatter(state, exception), scope[0])
            {
                Properties = state is IEnumerable<KeyValuePair<string, object?>> properties ? properties.ToDictionary() : new Dictionary<string, object?>(),
            });
        }
    }
}
