// What an operator reads: one record for each death and one for each replacement, with the reason; and a pool that was broken serves again.
using System.Collections.Concurrent;
using Kernmantle;
using Microsoft.Extensions.Logging;

var log = new Records();
await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "parsers", LoggerFactory = log, RestartLimit = int.MaxValue });
foreach (Action misdeed in new Action[] { static () => Environment.FailFast("license expired"), static () => Environment.Exit(7) })
{
    try
    {
        await pool.RunAsync(misdeed);
    }
    catch (WorkerCrashedException crash)
    {
        Console.WriteLine(crash.Message.Split('\n')[0]);
    }
}
int answer = await pool.RunAsync(static n => n + 1, 41);
await pool.DisposeAsync();
string[] deaths = [.. log.All.Where(static r => r.Level == LogLevel.Warning && r.Category.Contains("parsers", StringComparison.Ordinal) && r.Text.Contains("died", StringComparison.Ordinal)).Select(static r => r.Text)];
foreach (string death in deaths)
    Console.WriteLine($"log: {death.Split('\n')[0]}");
return answer == 42 && deaths.Length == 2 && deaths[0].Contains("license expired", StringComparison.Ordinal) ? 0 : 1;

internal sealed class Records : ILoggerFactory
{
    public ConcurrentQueue<(string Category, LogLevel Level, string Text)> All { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Logger(Records records, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            records.All.Enqueue((category, logLevel, formatter(state, exception)));
    }
}
