using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Running;

namespace Kernmantle.Benchmarks.Tests;

public sealed class CatalogueTests
{
    private static readonly HashSet<(string Group, string Key)> Rows =
    [
        .. from @group in Topics.Groups
           from measure in @group.Measures
           from metric in measure.More.Select(static more => more.Metric).Prepend("")
           select (@group.Name, measure.Key(metric)),
    ];

    [Fact]
    public void Every_goal_compares_rows_of_its_own_group() =>
        Assert.All(Topics.Goals, static goal => Assert.All(goal.Peers.Prepend(goal.Ours), key => Assert.Contains((goal.Group, key), Rows)));

    [Fact]
    public void Every_figure_of_the_READMEs_table_is_measured() =>
        Assert.All(Choices.All.SelectMany(static choice => choice.Cells), static cell => Assert.Contains((cell.Group, cell.Key), Rows));

    [Fact]
    public void The_READMEs_table_has_eight_rows_at_most_and_no_empty_cell()
    {
        Assert.InRange(Choices.All.Count, 1, Choices.Most);
        Assert.All(Choices.All, static choice =>
        {
            Assert.NotEmpty(choice.Here);
            Assert.NotEmpty(choice.Otherwise);
            Assert.True(choice.Within.Length > 0 || choice.WithinText.Length > 0, choice.What);
        });
    }

    [Fact]
    public void No_group_has_the_name_of_another() => Assert.Equal(Topics.Groups.Count, Topics.Groups.Select(static group => group.Name).Distinct().Count());

    [Fact]
    public void A_quick_run_has_five_turns_of_what_is_judged_but_for_what_takes_seconds()
    {
        Plan quick = Plan.Of(Mode.Quick);
        Assert.All(
            from goal in Topics.Goals
            from @group in Topics.Groups
            where @group.Name == goal.Group
            from measure in @group.Measures
            where goal.Peers.Prepend(goal.Ours).Contains(measure.Key()) && !measure.Nightly
            select (Group: @group, Measure: measure),
            pair => Assert.Equal(Math.Min(5, pair.Measure.MaxRounds), quick.RoundsOf(pair.Group, pair.Measure)));
        Assert.All(
            from @group in Topics.Groups
            from measure in @group.Measures
            where Topics.IsNeeded(@group, measure)
            select measure,
            static measure => Assert.True(measure.MaxRounds >= Judgement.LeastTurns, measure.Title));
    }

    [Fact]
    public void What_no_goal_and_no_row_of_the_README_needs_is_measured_once_in_a_quick_run()
    {
        Group group = Topics.Groups.Single(static group => group.Name == "no-op");

        Assert.Equal(1, Plan.Of(Mode.Quick).RoundsOf(group, group.Measures.Single(static measure => measure.Key() == "c.pipe")));
    }
}
