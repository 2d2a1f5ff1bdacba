using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>
/// The host's end of one worker's log: hands the records to the host's factory, under the worker's scope, and keeps the last lines.
/// Thread-safe. What a user's log provider throws does not reach the caller: the worker's other frames must go on.
/// </summary>
internal sealed class LogSink(ILoggerFactory factory, string workerName, int processId, TimeProvider? clock = null)
{
    /// <summary>A worker chooses its categories, and factories keep a logger for each: more share one, so that the host's memory is safe.</summary>
    private const int MaxCategories = 256;

    /// <summary>How many lines are logged once the runtime has said that it ends the process.</summary>
    private const int MaxAbortLines = 100;

    private const string OverflowCategory = "Kernmantle.Worker";

    private readonly Dictionary<string, ILogger> loggers = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly LastLines lastLines = new();
    private int failures;
    private int sinceAbort;

    public IReadOnlyList<string> LastLines => lastLines.Snapshot();

    public void Write(LogRecord record) => Write(record, raw: false);

    /// <summary>A line that came through the process's own standard output or error: from native code, or from the runtime itself.</summary>
    public void WriteRaw(string line, bool isError)
    {
        // A stack overflow prints its whole stack, tens of thousands of lines: what follows the announcement is kept to a readable length.
        bool dying = lastLines.IsAbortAnnounced;
        if (dying && ++sinceAbort > MaxAbortLines)
            lastLines.Add(line, raw: true);
        else
            WriteLine(line, isError);
    }

    /// <summary>Says how many lines were left out, if any were. To be called at the end of the output.</summary>
    public void EndRaw()
    {
        int left = sinceAbort - MaxAbortLines;
        sinceAbort = 0;
        if (left > 0)
            WriteLine($"... {left} more lines of the runtime's last words left out", isError: true);
    }

    private void WriteLine(string line, bool isError) => Write(
        new LogRecord(
            isError ? LogLevel.Warning : LogLevel.Information,
            (clock ?? TimeProvider.System).GetUtcNow().UtcDateTime,
            threadId: 0,
            default,
            isError ? ConsoleCapture.ErrorCategory : ConsoleCapture.OutCategory,
            line,
            exceptionText: null),
        raw: true);

    private void Write(LogRecord record, bool raw)
    {
        lastLines.Add(record.ToString(), raw);
        try
        {
            ILogger logger = LoggerOf(record.Category);
            if (!logger.IsEnabled(record.Level))
                return;
            using (logger.BeginScope(new WorkerScope(workerName, processId, record.ThreadId)))
                logger.Log(record.Level, record.EventId, record, exception: null, static (r, _) => r.ToString());
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
            if (!loggers.ContainsKey(category) && loggers.Count >= MaxCategories)
                category = OverflowCategory;
            if (!loggers.TryGetValue(category, out ILogger? logger))
                loggers.Add(category, logger = factory.CreateLogger(category));
            return logger;
        }
    }
}
