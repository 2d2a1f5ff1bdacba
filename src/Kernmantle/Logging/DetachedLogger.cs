using System.Collections.Concurrent;
using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>
/// Our own records on their way to the user's log. A record may be written anywhere, under a lock too: the user's factory, filters and
/// providers run on the thread pool, one record at a time and in order, and what they throw, or how long they take, reaches nobody.
/// </summary>
/// <param name="factory">The user's.</param>
/// <param name="category">Of all records.</param>
/// <param name="inline">Records are handed over on the thread that writes them: where that thread is the user's own affair, and a record must not be late.</param>
internal sealed class DetachedLogger(ILoggerFactory factory, string category, bool inline = false) : ILogger
{
    /// <summary>As many records wait for a provider that is slow; more are dropped and counted.</summary>
    internal const int MaxWaiting = 10_000;

    private readonly ConcurrentQueue<(Action<ILogger>? Record, TaskCompletionSource? Flushed)> queue = new();
    private ILogger? inner;
    private int waiting;
    private int draining;
    private int dropped;
    private int failures;

    /// <summary>Nothing of ours is so frequent that asking the user's filters beforehand would pay.</summary>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Trace and < LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (inline)
            Emit(Record);
        else if (Interlocked.Increment(ref waiting) <= MaxWaiting)
            Enqueue(Record, null);
        else
            Drop();

        void Record(ILogger logger)
        {
            if (logger.IsEnabled(logLevel))
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    /// <summary>Completes when what has been written until now was handed over, or the bound has passed. Does not throw.</summary>
    public async Task FlushAsync(TimeSpan bound)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(null, flushed);
        await flushed.Task.WaitAsync(bound, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Drop()
    {
        Interlocked.Decrement(ref waiting);
        Interlocked.Increment(ref dropped);
    }

    private void Enqueue(Action<ILogger>? record, TaskCompletionSource? flushed)
    {
        queue.Enqueue((record, flushed));
        if (Interlocked.Exchange(ref draining, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        do
        {
            while (queue.TryDequeue(out (Action<ILogger>? Record, TaskCompletionSource? Flushed) next))
            {
                next.Flushed?.SetResult();
                if (next.Record is null)
                    continue;
                Emit(next.Record);
                Interlocked.Decrement(ref waiting);
                if (Interlocked.Exchange(ref dropped, 0) is > 0 and int lost)
                    Emit(logger => SystemEvents.RecordsDropped(logger, lost, MaxWaiting));
            }
            Interlocked.Exchange(ref draining, 0);   // a full fence: what is enqueued from here on is seen below, or drained by its writer
        }
        while (!queue.IsEmpty && Interlocked.Exchange(ref draining, 1) == 0);
    }

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
