using Kernmantle.Host.Logs;
using Kernmantle.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Kernmantle.Tests.Logging;

public sealed class LineLoggerTests : IDisposable
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));
    private readonly StringWriter output = new() { NewLine = "\n" };

    public LineLoggerTests() => clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("+9", TimeSpan.FromHours(9), "+9", "+9"));

    public void Dispose() => output.Dispose();

    [Fact]
    public void A_line_is_the_local_time_and_the_message()
    {
        Logger().LogInformation("Thread {Name}: starting", "First");
        Assert.Equal("12:02:01: Thread First: starting\n", Text);
    }

    [Fact]
    public void Less_than_information_is_not_shown()
    {
        Logger().LogDebug("no");
        Assert.Equal("", Text);
        Assert.False(Logger().IsEnabled(LogLevel.None));
    }

    [Fact]
    public void An_exception_follows_its_line()
    {
        Logger().LogError(new FormatException("bad"), "failed");
        Assert.Equal("12:02:01: failed\nSystem.FormatException: bad\n", Text);
    }

    [Fact]
    public void With_scopes_the_worker_is_shown()
    {
        ILogger logger = Logger(scopes: true);
        using (logger.BeginScope("outer"))
        using (logger.BeginScope(new WorkerScope("First", 123, 456)))
        using (logger.BeginScope("inner"))
            logger.LogInformation("hello");
        logger.LogInformation("bye");
        Assert.Equal("12:02:01: hello (worker First, pid 123, tid 456)\n12:02:01: bye\n", Text);
    }

    [Fact]
    public void A_forwarded_record_keeps_its_time()
    {
        var sink = new LogSink(KernmantleLog.CreateConsole(output, timeProvider: clock), "First", 1);
        sink.Write(new LogRecord(LogLevel.Information, new DateTime(2026, 5, 4, 0, 0, 7, DateTimeKind.Utc), 1, default, "c", "hello", "boom"));
        Assert.Equal("09:00:07: hello\nboom\n", Text);
    }

    [Fact]
    public void Lines_of_many_threads_do_not_mix()
    {
        ILogger logger = Logger();
        Parallel.For(0, 2000, i => logger.LogInformation("{Text}", new string((char)('a' + (i % 26)), 100)));
        string[] lines = Text.TrimEnd('\n').Split('\n');
        Assert.Equal(2000, lines.Length);
        Assert.All(lines, static line => Assert.Single(line["12:02:01: ".Length..].Distinct()));
    }

    [Fact]
    public void The_console_that_nobody_asked_for_leaves_out_that_workers_end_as_planned()
    {
        using var factory = new LineLoggerFactory(output, includeScopes: false, LogLevel.Information, clock, leavesOutLives: true);
        ILogger pool = factory.CreateLogger(LogCategories.OfPool("pool")), other = factory.CreateLogger(LogCategories.OfWorkersOf("pool"));
        pool.LogInformation("planned");
        pool.LogWarning("a death");
        other.LogInformation("a function's");
        Assert.Equal("12:02:01: a death\n12:02:01: a function's\n", Text);
    }

    private string Text => output.ToString().ReplaceLineEndings("\n");

    private ILogger Logger(bool scopes = false) => KernmantleLog.CreateConsole(output, scopes, timeProvider: clock).CreateLogger("any");
}
