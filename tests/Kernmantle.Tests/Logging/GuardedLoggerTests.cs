using Kernmantle.Logging;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Kernmantle.Tests.Logging;

/// <summary>What a user's logger throws reaches no caller of ours.</summary>
public sealed class GuardedLoggerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_logger_that_throws_ends_neither_the_finalizer_nor_the_records_behind()
    {
        int calls = 0;
        using var factory = new RudeFactory(() =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                throw new FormatException("a rude logger");
        });
        var log = new DetachedLogger(factory, "Pool");
        var failure = new StateLostException("lost") { Origin = log };
        UnobservedFailures.Report(new AggregateException(failure, failure));
        await log.FlushAsync(Deadline);
        Assert.Equal(2, calls);
        Assert.Single(factory.Messages);
    }

    [Fact]
    public async Task The_finalizer_does_not_wait_for_a_logger_that_blocks()
    {
        using var gate = new ManualResetEventSlim();
        using var factory = new RudeFactory(gate.Wait);
        var log = new DetachedLogger(factory, "Pool");
        UnobservedFailures.Report(new AggregateException(new StateLostException("lost") { Origin = log }));
        Assert.Empty(factory.Messages);
        gate.Set();
        await log.FlushAsync(Deadline);
        Assert.Single(factory.Messages);
    }

    [Fact]
    public void Scopes_that_throw_reach_no_caller_and_the_record_is_written()
    {
        using var factory = new RudeFactory(static () => { }) { ScopesThrow = true };
        ILogger log = GuardedLoggerFactory.Of(factory).CreateLogger("Pool");
        using (log.BeginScope("scope"))
            log.LogInformation("inside");
        Assert.Equal(["inside"], factory.Messages);
    }

    [Fact]
    public async Task A_worker_whose_scopes_and_records_fail_runs_its_calls()
    {
        using var factory = new RudeFactory(static () => throw new FormatException("a rude logger")) { ScopesThrow = true };
        await using WorkerPool pool = WorkerPool.Threads(1, new() { LoggerFactory = factory });
        int result = await pool.RunAsync(
            static n =>
            {
                WorkerContext.Current!.Logger.LogInformation("from the function");
                return n + 1;
            },
            41).WaitAsync(Deadline);
        Assert.Equal(42, result);
    }
}
