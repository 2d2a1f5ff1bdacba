using Kernmantle.Host.Lane;
using Kernmantle.Platform.Linux;
using Xunit;

namespace Kernmantle.Tests.Failures;

/// <summary>What is said of a worker whose channel closed some time before it ended.</summary>
public sealed class ChannelEndTests
{
    [Theory]
    [InlineData(5, null)]
    [InlineData(0, null)]
    [InlineData(null, 6)]
    [InlineData(null, 11)]
    public void One_that_ended_in_its_own_way_is_not_said_to_have_gone_on(int? exitCode, int? signal) => Assert.False(ProcessPoolWorker.WentOn(End(exitCode, signal)));

    [Theory]
    [InlineData(null, 9)]
    [InlineData(null, null)]
    public void One_that_had_to_be_killed_is(int? exitCode, int? signal) => Assert.True(ProcessPoolWorker.WentOn(End(exitCode, signal)));

    private static ProcessEnd End(int? exitCode, int? signal) => ProcessEnd.Unknown with { ExitCode = exitCode, Signal = signal };
}
