using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Logs;

/// <summary>
/// The host's end of one worker's log: hands the records to the host's factory, under the worker's scope, and keeps the last lines.
/// Thread-safe. What a user's log provider throws does not reach the caller: the worker's other frames must go on.
/// </summary>
internal sealed class LogSink(ILoggerFactory factory, string workerName, int processId, TimeProvider? clock = null, string workerCategory = LogCategories.Worker)
{
    /// <summary>A worker chooses its categories, and factories keep a logger for each: more share one, so that the host's memory is safe.</summary>
    private const int MaxCategories = 256;

    /// <summary>How many lines of a runtime's last words are logged: a stack overflow prints its whole stack, tens of thousands.</summary>
    private const int MaxHeld = 100;

    /// <summary>Who says nothing more for so long is not dying.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ILogger> loggers = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly LastLines lastLines = new();
    private readonly TimeProvider time = clock ?? TimeProvider.System;
    private readonly List<string> held = [];
    private int heldBack;
    private ITimer? quiet;
    private int failures;

    public IReadOnlyList<string> LastLines => lastLines.Snapshot();

    /// <summary>What the runtime said of its end, from its first line on; empty if it said nothing.</summary>
    public IReadOnlyList<string> LastWords => lastLines.Words();

    public void Write(LogRecord record)
    {
        lastLines.Add(record.ToString(), native: false);
        Emit(record);
    }

    /// <summary>A line that came through the process's own standard output or error: from native code, or from the runtime itself.</summary>
    public void WriteRaw(string line, bool isError)
    {
        lastLines.Add(line, native: isError);
        if (isError && Hold(line))
            return;
        Emit(new LogRecord(
            isError ? LogLevel.Warning : LogLevel.Information,
            time.GetUtcNow().UtcDateTime,
            threadId: 0,
            default,
            isError ? LogCategories.ConsoleError : LogCategories.ConsoleOut,
            line,
            exceptionText: null));
    }

    // --- What a runtime says when it ends the process, its stack included, is one record ---

    /// <summary>True: the line is part of it, and is logged with the rest.</summary>
    private bool Hold(string line)
    {
        lock (gate)
        {
            if (held.Count == 0 && !Kernmantle.Host.Death.LastWords.Begin(line))
                return false;
            if (held.Count < MaxHeld)
                held.Add(line);
            else
                heldBack++;
            quiet ??= time.CreateTimer(static self => ((LogSink)self!).EndRaw(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            quiet.Change(Quiet, Timeout.InfiniteTimeSpan);   // whoever spoke so may live on, and speak again
            return true;
        }
    }

    /// <summary>Logs what was held. To be called at the end of the output.</summary>
    public void EndRaw()
    {
        string text;
        lock (gate)
        {
            quiet?.Dispose();
            quiet = null;
            if (held.Count == 0)
                return;
            if (heldBack > 0)
                held.Add($"... {heldBack} more lines left out");
            text = string.Join('\n', held);
            held.Clear();
            heldBack = 0;
        }
        Guard(() =>
        {
            Show(LogLevel.Warning, time.GetUtcNow().UtcDateTime, LogCategories.ConsoleError, eventId: 0, text);
            ILogger logger = LoggerOf(LogCategories.ConsoleError);
            using (logger.BeginScope(new WorkerScope(workerName, processId, threadId: 0)))
                ProcessEvents.LastWords(logger, text);
        });
    }

    private void Emit(LogRecord record) => Guard(() =>
    {
        if (LogRing.Current is not null)
            Show(record.Level, record.Time, record.Category, record.EventId.Id, record.ToString());
        ILogger logger = LoggerOf(record.Category);
        if (!logger.IsEnabled(record.Level))
            return;
        using (logger.BeginScope(new WorkerScope(workerName, processId, record.ThreadId)))
            logger.Log(record.Level, record.EventId, record, exception: null, static (r, _) => r.ToString());
    });

    /// <summary>For whoever looks into this program, whatever the user's filters say.</summary>
    private void Show(LogLevel level, DateTime at, string category, int eventId, string text) =>
        LogRing.Current?.Add(level, at, category, LogCategories.PoolIn(workerCategory), workerName, eventId, text);

    private void Guard(Action log)
    {
        try
        {
            log();
        }
        catch (Exception e)
        {
            // Once: a provider that fails, fails for every record.
            if (Interlocked.Exchange(ref failures, 1) == 0)
                Console.Error.WriteLine($"Kernmantle: the logger factory failed for a record of worker {workerName}: {e}");
        }
    }

    private ILogger LoggerOf(string category)
    {
        lock (gate)
        {
            if (category == LogCategories.Worker || (!loggers.ContainsKey(category) && loggers.Count >= MaxCategories))
                category = workerCategory;
            if (!loggers.TryGetValue(category, out ILogger? logger))
                loggers.Add(category, logger = factory.CreateLogger(category));
            return logger;
        }
    }
}
