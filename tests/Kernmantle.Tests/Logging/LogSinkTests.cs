using Kernmantle.Host.Logs;
using Kernmantle.Logging;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Kernmantle.Tests.Logging;

public sealed class LogSinkTests
{
    [Fact]
    public void Records_arrive_with_category_level_event_and_scope()
    {
        var factory = new ListFactory();
        var sink = new LogSink(factory, "First", 123);
        sink.Write(new LogRecord(LogLevel.Error, DateTime.UtcNow, 456, new EventId(5, "five"), "Category", "hello", null));
        ListFactory.Entry entry = Assert.Single(factory.Entries);
        Assert.Equal(("Category", LogLevel.Error, 5, "hello"), (entry.Category, entry.Level, entry.EventId.Id, entry.Message));
        Assert.Equal("worker First, pid 123, tid 456", entry.Scope!.ToString());
        Assert.Equal(
            [new("WorkerName", "First"), new("ProcessId", 123), new("ThreadId", 456)],
            Assert.IsType<IReadOnlyList<KeyValuePair<string, object?>>>(entry.Scope, exactMatch: false));
    }

    [Fact]
    public void A_worker_that_makes_up_categories_does_not_fill_the_factory()
    {
        var factory = new ListFactory();
        var sink = new LogSink(factory, "First", 123);
        for (int i = 0; i < 1000; i++)
            sink.Write(new LogRecord(LogLevel.Error, DateTime.UtcNow, 1, default, $"Category {i}", "hello", null));
        Assert.Equal(1000, factory.Entries.Count);
        Assert.InRange(factory.Categories.Count, 1, 300);
    }

    [Fact]
    public void A_factory_that_throws_does_not_reach_the_connection()
    {
        var sink = new LogSink(new ThrowingFactory(), "First", 123);
        sink.WriteRaw("hello", isError: false);
        Assert.Equal(["hello"], sink.LastLines);
    }

    [Fact]
    public void The_last_lines_keep_what_the_runtime_said_first()
    {
        var sink = new LogSink(new ListFactory(), "First", 123);
        sink.WriteRaw("before", isError: true);
        sink.WriteRaw("Stack overflow.", isError: true);
        for (int i = 0; i < 1000; i++)
            sink.WriteRaw($"   at Frame{i}()", isError: true);
        Assert.Equal(50, sink.LastLines.Count);
        Assert.Equal("Stack overflow.", sink.LastLines[0]);
        Assert.Equal("   at Frame999()", sink.LastLines[^1]);
    }

    [Fact]
    public void What_a_runtime_says_at_its_end_is_one_record_of_bounded_length()
    {
        var factory = new ListFactory();
        var sink = new LogSink(factory, "First", 123);
        sink.WriteRaw("before", isError: true);
        sink.WriteRaw("Stack overflow.", isError: true);
        for (int i = 0; i < 1000; i++)
            sink.WriteRaw($"   at Frame{i}()", isError: true);
        sink.WriteRaw("of another kind", isError: false);
        sink.EndRaw();
        Assert.Equal(["before", "of another kind"], factory.Entries.Take(2).Select(static e => e.Message));
        ListFactory.Entry words = Assert.Single(factory.Entries.Skip(2));
        Assert.Equal(("Console.Error", "LastWords", 101), (words.Category, words.EventId.Name, words.Message.Split('\n').Length));
        Assert.StartsWith("Stack overflow.\n   at Frame0()", words.Message, StringComparison.Ordinal);
        Assert.EndsWith("... 901 more lines left out", words.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_only_looks_as_if_it_died_is_heard_further()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var factory = new ListFactory();
        var sink = new LogSink(factory, "First", 123, clock);
        sink.WriteRaw("Fatal error: no such option", isError: true);
        sink.WriteRaw("usage: ...", isError: true);
        Assert.Empty(factory.Entries);
        clock.Advance(TimeSpan.FromSeconds(2));
        sink.WriteRaw("still here", isError: true);
        Assert.Equal(["Fatal error: no such option\nusage: ...", "still here"], factory.Entries.Select(static e => e.Message));
    }

    [Fact]
    public void A_failure_nobody_observed_is_logged_where_it_came_from()
    {
        var factory = new ListFactory();
        var failure = new StateLostException("lost") { Origin = factory.CreateLogger("Pool"), CallName = "Sum" };
        UnobservedFailures.Report(new AggregateException(new FormatException(), new AggregateException(failure)));
        ListFactory.Entry entry = Assert.Single(factory.Entries);
        Assert.Equal(("Pool", LogLevel.Error), (entry.Category, entry.Level));
        Assert.Contains("Sum", entry.Message, StringComparison.Ordinal);
    }

    private sealed class ThrowingFactory : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => throw new FormatException("no logger");

        public void Dispose()
        {
        }
    }
}
