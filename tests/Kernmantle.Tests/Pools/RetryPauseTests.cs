namespace Kernmantle.Tests.Pools;

/// <summary>How long a call pauses before it is tried again.</summary>
public sealed class RetryPauseTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public void Times_that_no_pause_can_have_are_refused_where_they_are_set()
    {
        foreach (TimeSpan time in new[] { TimeSpan.FromSeconds(-1), TimeSpan.FromTicks(-1), TimeSpan.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>("Backoff", () => new RetryPolicy { On = FailureKinds.Exception, Backoff = time });
            Assert.Throws<ArgumentOutOfRangeException>("MaxBackoff", () => new RetryPolicy { On = FailureKinds.Exception, MaxBackoff = time });
        }
        Assert.Throws<ArgumentOutOfRangeException>("Backoff", static () => new RetryPolicy { On = FailureKinds.Exception, Backoff = Timeout.InfiniteTimeSpan });
        foreach (double factor in new[] { -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy { On = FailureKinds.Exception, BackoffFactor = factor });
    }

    [Theory]
    [InlineData(50, 2, -1, 3, 200)]
    [InlineData(50, 2, 120, 3, 120)]
    [InlineData(50, 0.5, 120, 2, 25)]
    [InlineData(50, 0, 120, 2, 0)]
    [InlineData(0, 2, -1, 5000, 0)]
    [InlineData(50, 2, -1, 5000, 40 * 86_400_000.0)]
    public void The_pause_grows_to_its_bound_and_without_one_to_what_a_timer_can_wait(double backoff, double factor, double longest, int attempt, double expected)
    {
        var policy = new RetryPolicy { On = FailureKinds.Exception, Backoff = TimeSpan.FromMilliseconds(backoff), BackoffFactor = factor, MaxBackoff = TimeSpan.FromMilliseconds(longest) };
        Assert.Equal(TimeSpan.FromMilliseconds(expected), policy.PauseAfter(attempt));
    }

    [Fact]
    public async Task A_call_is_tried_again_where_its_pauses_have_no_bound()
    {
        await using WorkerPool pool = WorkerPool.Threads(1, new()
        {
            Retry = new() { On = FailureKinds.Exception, Backoff = TimeSpan.FromMilliseconds(1), MaxBackoff = Timeout.InfiniteTimeSpan },
        });
        Assert.Equal(2, await pool.RunAsync(static () => WorkerContext.Current!.Attempt is var attempt and > 1 ? attempt : throw new FormatException("the first time")).WaitAsync(Deadline));
    }
}
