using Kernmantle;

namespace UnitTests;

public sealed class CatalogueTests
{
    public static TheoryData<Exception, string> Failures => new()
    {
        { Crash(), "set aside (Signal, signal 11)" },
        { new CallTimeoutException("It hung.", TimeSpan.FromSeconds(5)), "took longer than 5 s" },
        { new FormatException(), "no document" },   // as if the function had thrown it
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task What_cannot_be_read_is_said(Exception failure, string said)
    {
        await using WorkerPool pool = Pool(_ => failure);
        Assert.Equal(said, await new Catalogue(pool).TitleAsync("# Ropes"));
    }

    [Fact]
    public async Task A_document_that_brings_its_reader_down_costs_no_other_one()
    {
        await using WorkerPool pool = Pool(call => call.Arguments is ["# Knots"] ? Crash() : null);
        Assert.Equal(["Ropes", "Anchors"], await new Catalogue(pool).TitlesAsync(["# Ropes", "# Knots", "# Anchors"]));
    }

    [Fact]
    public async Task A_document_is_read_again_after_a_crash()
    {
        var retry = new RetryPolicy { On = FailureKinds.Crash, Backoff = TimeSpan.Zero };
        await using WorkerPool pool = Pool(call => call.Attempt == 1 ? Crash() : null, retry);
        Assert.Equal("Ropes", await new Catalogue(pool).TitleAsync("# Ropes"));
        Assert.Equal(1, pool.Statistics.Retried);
    }

    private static WorkerCrashedException Crash() => new("It fell.", CrashReason.Signal, signal: 11);

    /// <summary>The caller is the worker. What could not cross to a process is refused here too.</summary>
    private static WorkerPool Pool(Func<InlineCall, Exception?> failures, RetryPolicy? retry = null) =>
        WorkerPool.Inline(verifyPortable: true, new() { FailureGenerator = failures, Retry = retry });
}
