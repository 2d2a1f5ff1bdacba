using System.Collections.Concurrent;
using Kernmantle.Logging;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Logging;

/// <summary>Our own records reach the user's log without that log reaching us.</summary>
public sealed class DetachedLoggerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Records_arrive_in_order_with_their_ids()
    {
        using var factory = new ListFactory();
        var logger = new DetachedLogger(factory, "Kernmantle.Pool.p");
        for (int i = 0; i < 1000; i++)
            logger.Log(LogLevel.Warning, new EventId(i, "e"), i, null, static (n, _) => $"{n}");
        await logger.FlushAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => ("Kernmantle.Pool.p", i, $"{i}")), factory.Entries.Select(static e => (e.Category, e.EventId.Id, e.Message)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_that_throws_does_not_reach_who_writes_to_it(bool inline)
    {
        using var factory = new HostileFactory { Throws = true };
        var logger = new DetachedLogger(factory, "c", inline);
        logger.LogWarning("one");
        logger.LogWarning("two");
        await logger.FlushAsync(Deadline);
        Assert.Equal(2, factory.Called);
    }

    [Fact]
    public async Task A_log_that_blocks_holds_nobody_up_and_what_it_has_no_room_for_is_counted()
    {
        using var factory = new HostileFactory();
        var logger = new DetachedLogger(factory, "c");
        logger.LogWarning("first");
        for (int i = 0; i < DetachedLogger.MaxWaiting + 500; i++)
            logger.LogWarning("more");   // returns although nothing is taken
        Assert.False(factory.Gate.IsSet);
        factory.Gate.Set();
        await logger.FlushAsync(Deadline);
        int arrived = factory.Messages.Count(static m => m is "first" or "more");
        string told = Assert.Single(factory.Messages, static m => m.Contains("were dropped", StringComparison.Ordinal));
        Assert.Equal(DetachedLogger.MaxWaiting + 501, arrived + int.Parse(told.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task What_the_log_filters_out_is_not_given_to_it()
    {
        using var factory = new HostileFactory { Least = LogLevel.Error };
        factory.Gate.Set();
        var logger = new DetachedLogger(factory, "c");
        logger.LogWarning("no");
        logger.LogError("yes");
        await logger.FlushAsync(Deadline);
        Assert.Equal(["yes"], factory.Messages);
    }

    private sealed class HostileFactory : ILoggerFactory, ILogger
    {
        public ManualResetEventSlim Gate { get; } = new();

        public bool Throws { get; init; }

        public LogLevel Least { get; init; }

        public int Called { get; private set; }

        public ConcurrentQueue<string> Messages { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel) => logLevel >= Least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Called++;
            if (Throws)
                throw new FormatException("no log");
            Gate.Wait(Deadline);
            Messages.Enqueue(formatter(state, exception));
        }

        public void Dispose() => Gate.Set();
    }
}
