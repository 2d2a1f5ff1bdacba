using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;

namespace Kernmantle.Benchmarks.Tests;

public sealed class JudgementTests
{
    [Fact]
    public void A_goal_is_met_where_every_turn_reaches_it()
    {
        Judgement judgement = Judgement.Of(Comparison.AtMostTimes, 0.5, Turns((40, 100), (45, 100), (30, 100), (50, 100), (41, 100)));

        Assert.Equal(Verdict.Met, judgement.Verdict);
        Assert.Equal((0.3, 0.41, 0.5), (judgement.Figure!.Low, judgement.Figure.Median, judgement.Figure.High));
    }

    [Fact]
    public void A_goal_is_missed_where_no_turn_reaches_it() =>
        Assert.Equal(Verdict.Missed, Judgement.Of(Comparison.AtMostTimes, 0.5, Turns((60, 100), (51, 100), (70, 100), (90, 100), (55, 100))).Verdict);

    [Theory]
    [InlineData(40)]   // the median reaches the bound of 0.5
    [InlineData(52)]   // the median does not
    public void A_spread_that_contains_the_bound_is_too_noisy_to_say(double third) =>
        Assert.Equal(Verdict.TooNoisy, Judgement.Of(Comparison.AtMostTimes, 0.5, Turns((30, 100), (39, 100), (third, 100), (60, 100), (70, 100))).Verdict);

    [Fact]
    public void One_outlier_of_nine_does_not_hide_a_verdict_and_one_of_five_does()
    {
        (double, double)[] good = [.. Enumerable.Repeat((40.0, 100.0), 8)];

        Assert.Equal(Verdict.Met, Judgement.Of(Comparison.AtMostTimes, 0.5, Turns([.. good, (900, 100)])).Verdict);
        Assert.Equal(Verdict.TooNoisy, Judgement.Of(Comparison.AtMostTimes, 0.5, Turns([.. good[..4], (900, 100)])).Verdict);
    }

    [Fact]
    public void A_machine_that_is_slow_for_some_turns_changes_no_ratio()
    {
        // Ours in the fast turns and the peer in the slow ones would give any ratio that one likes: the medians alone say 0.4 / 1.0 here, too.
        Judgement judgement = Judgement.Of(Comparison.AtMostTimes, 0.5, Turns((40, 100), (400, 1000), (44, 110), (4000, 10_000), (36, 90)));

        Assert.Equal(Verdict.Met, judgement.Verdict);
        Assert.Equal((0.4, 0.4), (Math.Round(judgement.Figure!.Low, 9), Math.Round(judgement.Figure.High, 9)));
    }

    [Fact]
    public void The_median_of_the_ratios_is_not_the_ratio_of_the_medians()
    {
        Judgement judgement = Judgement.Of(Comparison.AtMostTimes, 10, Turns((1, 1), (2, 10), (3, 1)));

        Assert.Equal(1, judgement.Figure!.Median);   // the medians are 2 and 1
    }

    [Fact]
    public void A_rate_must_be_at_least_the_bound()
    {
        Assert.Equal(Verdict.Met, Judgement.Of(Comparison.AtLeastTimes, 4, Turns((400, 100), (500, 100), (900, 100), (410, 100), (450, 100))).Verdict);
        Assert.Equal(Verdict.Missed, Judgement.Of(Comparison.AtLeastTimes, 4, Turns((399, 100), (100, 100), (50, 100), (10, 100), (70, 100))).Verdict);
        Assert.Equal(Verdict.TooNoisy, Judgement.Of(Comparison.AtLeastTimes, 4, Turns((399, 100), (500, 100), (900, 100), (410, 100), (450, 100))).Verdict);
    }

    [Fact]
    public void Faster_counts_how_often_ours_goes_into_the_peers_time()
    {
        Judgement judgement = Judgement.Of(Comparison.FasterTimes, 300, Turns((0.25, 100), (0.2, 100), (0.3, 100), (0.25, 100), (0.25, 100)));

        Assert.Equal(Verdict.Met, judgement.Verdict);
        Assert.Equal(400, judgement.Figure!.Median, 6);
    }

    [Fact]
    public void What_is_above_twice_the_peer_is_taken_of_each_turn()
    {
        Judgement judgement = Judgement.Of(Comparison.AtMostOverTwice, 1000, Turns((3000, 1100), (2900, 1000), (3100, 1200), (2500, 1000), (2600, 900)));

        Assert.Equal(Verdict.Met, judgement.Verdict);
        Assert.Equal((500, 800, 900), (judgement.Figure!.Low, judgement.Figure.Median, judgement.Figure.High));
    }

    [Fact]
    public void A_bound_without_a_peer_judges_the_figure_itself()
    {
        Turn[] turns = [new(17), new(12), new(19), new(20), new(14)];

        Assert.Equal(Verdict.Met, Judgement.Of(Comparison.AtMost, 20, turns).Verdict);
        Assert.Equal(Verdict.TooNoisy, Judgement.Of(Comparison.AtMost, 19, turns).Verdict);
    }

    [Fact]
    public void Fewer_than_three_turns_are_no_verdict_however_clear_they_look()
    {
        Assert.Equal(Verdict.TooNoisy, Judgement.Of(Comparison.AtMostTimes, 100, Turns((1, 100), (1, 100))).Verdict);
        Assert.Equal(Verdict.Met, Judgement.Of(Comparison.AtMostTimes, 100, Turns((1, 100), (1, 100), (1, 100))).Verdict);
    }

    [Fact]
    public void A_missing_side_is_never_a_verdict()
    {
        Assert.Equal(Verdict.NoPeer, Judgement.Of(Comparison.AtMostTimes, 0.5, [new(1), new(2)]).Verdict);
        Assert.Equal(Verdict.NotMeasured, Judgement.Of(Comparison.AtMostTimes, 0.5, []).Verdict);
        Assert.Equal(Verdict.NotMeasured, Judgement.Of(Comparison.AtMost, 0.5, []).Verdict);
    }

    private static Turn[] Turns(params (double Ours, double Peer)[] turns) => [.. turns.Select(static turn => new Turn(turn.Ours, turn.Peer))];
}
