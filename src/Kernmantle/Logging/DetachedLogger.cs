using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>
/// Our own records on their way to the user's log. A record may be written anywhere, under a lock too: the user's factory, filters and
/// providers run on the thread pool, one record at a time and in order, and what they throw, or how long they take, reaches nobody.
/// </summary>
internal sealed class DetachedLogger : ILogger
{
    /// <summary>As many records wait for a provider that is slow; more are dropped and counted.</summary>
    internal const int MaxWaiting = 10_000;

    private readonly ILoggerFactory factory;
    private readonly string category;
    private readonly bool inline;
    private readonly DetachedQueue<Action<ILogger>> queue;
    private ILogger? inner;
    private int failures;

    /// <param name="factory">The user's.</param>
    /// <param name="category">Of all records.</param>
    /// <param name="inline">Records are handed over on the thread that writes them: where that thread is the user's own affair, and a record must not be late.</param>
    public DetachedLogger(ILoggerFactory factory, string category, bool inline = false)
    {
        (this.factory, this.category, this.inline) = (factory, category, inline);
        queue = new(MaxWaiting, Emit, lost => Emit(logger => SystemEvents.RecordsDropped(logger, lost, MaxWaiting)));
    }

    /// <summary>Nothing of ours is so frequent that asking the user's filters beforehand would pay.</summary>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Trace and < LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        LogRing.Current?.Add(logLevel, DateTime.UtcNow, category, pool: null, WorkerIn(state), eventId.Id, formatter(state, exception));
        if (inline)
            Emit(Record);
        else
            queue.TryAdd(Record);

        void Record(ILogger logger)
        {
            if (logger.IsEnabled(logLevel))
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    /// <summary>Completes when what has been written until now was handed over, or the bound has passed. Does not throw.</summary>
    public Task FlushAsync(TimeSpan bound) => queue.FlushAsync(bound);

    /// <summary>The worker that the record tells of; null for none.</summary>
    private static string? WorkerIn<TState>(TState state) =>
        (state as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(static property => property.Key == "Worker").Value as string;

    private void Emit(Action<ILogger> record)
    {
        try
        {
            record(inner ??= factory.CreateLogger(category));
        }
        catch (Exception e)
        {
            // Once: a provider that fails, fails for every record.
            if (Interlocked.Exchange(ref failures, 1) == 0)
                Console.Error.WriteLine($"Kernmantle: the logger factory failed for a record of category {category}: {e}");
        }
    }
}
