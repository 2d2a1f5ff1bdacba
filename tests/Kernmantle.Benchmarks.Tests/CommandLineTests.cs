using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Without_a_word_everything_is_measured_in_full()
    {
        CommandLine all = CommandLine.Parse([]);

        Assert.Equal((Mode.Full, Topics.Groups.Count, false), (all.Mode, all.Groups.Count, all.List));
    }

    [Fact]
    public void Groups_are_named_with_commas_between_and_with_those_that_belong_to_them()
    {
        CommandLine some = CommandLine.Parse(["--quick", "--only", "gil,calls"]);

        Assert.Equal(Mode.Quick, some.Mode);
        Assert.Equal(["calls", "calls-burst", "calls-loop", "calls-map", "calls-record", "calls-stream", "gil"], some.Groups.Select(static group => group.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("There is no group 'call'; there are no-op,", "--only", "call")]
    [InlineData("--only needs", "--only")]
    [InlineData("--only needs", "--only", ",")]
    [InlineData("'--fast' is no option.", "--fast")]
    [InlineData("'quick' is no option.", "quick")]
    public void What_cannot_be_understood_is_told_in_a_sentence(string begin, params string[] arguments) =>
        Assert.StartsWith(begin, Assert.Throws<FormatException>(() => CommandLine.Parse(arguments)).Message);

    [Fact]
    public void The_list_names_every_group_and_goal()
    {
        string text = Listing.Text();

        Assert.All(Topics.Groups, group => Assert.Contains($"{group.Name}: {group.Title}\n", text));
        Assert.All(Topics.Goals, goal => Assert.Contains($"  goal: {goal.Name}", text));
    }
}
