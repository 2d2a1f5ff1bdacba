namespace Kernmantle.Tests.Pools;

/// <summary>What is left of options that are set over others.</summary>
public sealed class CallOptionsTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1), Long = TimeSpan.FromSeconds(9);

    [Fact]
    public void The_timeout_and_the_limit_of_wall_time_are_one()
    {
        CallOptions timeout = new() { Timeout = Long }, limit = new() { Limits = new() { WallTime = Short } };
        Assert.Equal(Short, limit.Over(timeout).Timeout);
        Assert.Equal(Long, timeout.Over(limit).Timeout);
        Assert.Equal(Long, new CallOptions { Name = "one" }.Over(timeout).Timeout);
        Assert.Equal(Short, new CallOptions { Name = "one" }.Over(limit).Timeout);
        Assert.Null(new CallOptions { Name = "one" }.Over(new() { Name = "other" }).Timeout);
    }

    [Fact]
    public void Each_limit_wins_alone()
    {
        Limits merged = new CallOptions { Limits = new() { OpenFiles = 200 } }.Over(new() { Limits = new() { OpenFiles = 300, OutputBytes = 9 } }).Limits!;
        Assert.Equal((200, 9L), (merged.OpenFiles, merged.OutputBytes));
    }

    [Fact]
    public void What_is_not_set_comes_from_the_others()
    {
        CallOptions general = new() { Name = "general", Key = 1, Retry = new() { On = FailureKinds.Crash } };
        CallOptions named = new CallOptions { Name = "named" }.Over(general), keyed = new CallOptions { Key = 2 }.Over(general);
        Assert.Equal(("named", 1, general.Retry), (named.Name, named.Key, named.Retry));
        Assert.Equal(("general", 2, general.Retry), (keyed.Name, keyed.Key, keyed.Retry));
    }
}
