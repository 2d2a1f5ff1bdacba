using Kernmantle.Benchmarks.Judging;

namespace Kernmantle.Benchmarks.Tests;

public sealed class NoiseCheckTests
{
    private static readonly Verdict[] Clear = [Verdict.Met, Verdict.Met, Verdict.Missed, Verdict.TooNoisy];

    private static readonly Conditions Quiet = new([.. Enumerable.Repeat(new Look(120, 50_000, 9e9), 6)], 0.001, [0.01, 0, 0.02, 0, 0.01], 5, Complete: true);

    [Fact]
    public void A_whole_run_on_a_quiet_machine_is_accepted() => Assert.Empty(NoiseCheck.Refusals(Quiet, Clear));

    [Fact]
    public void A_run_on_one_processor_has_no_round_trip_and_is_accepted() =>
        Assert.Empty(NoiseCheck.Refusals(Quiet with { Looks = [.. Enumerable.Repeat(new Look(null, 5_000, 9e9), 6)] }, Clear));

    [Fact]
    public void Stolen_time_is_a_reason() => Refused(Quiet with { Steal = 0.02 }, "gave 2.0 % of the processors' time to others");

    [Fact]
    public void Other_programs_in_one_round_are_a_reason_that_names_the_round() =>
        Refused(Quiet with { Others = [0, 0.01, 0.3, 0, 0] }, "other programs used 30.0 % of the processors in round 3");

    [Fact]
    public void Too_few_rounds_are_a_reason() => Refused(Quiet with { Rounds = 3 }, "3 rounds; 5 are needed");

    [Fact]
    public void A_part_is_no_source_of_figures() => Refused(Quiet with { Complete = false }, "only a part was measured");

    [Theory]
    [InlineData(190, 50_000, 9e9, "a cache line's way from one processor to another and back changed by a factor of 1.6")]
    [InlineData(70, 50_000, 9e9, "a cache line's way from one processor to another and back changed by a factor of 1.7")]
    [InlineData(120, 110_000, 9e9, "a wake-up changed by a factor of 2.2")]
    [InlineData(120, 50_000, 5e9, "the rate of copying memory changed by a factor of 1.8")]
    public void A_machine_that_changes_during_the_run_is_a_reason(double roundTrip, double wakeUp, double copyRate, string reason) =>
        Refused(Quiet with { Looks = [.. Quiet.Looks.Skip(1), new(roundTrip, wakeUp, copyRate)] }, reason);

    [Fact]
    public void Too_many_goals_without_a_verdict_are_a_reason_and_missing_peers_are_none()
    {
        Assert.Contains("2 of 4 goals are too noisy", Assert.Single(NoiseCheck.Refusals(Quiet, [Verdict.Met, Verdict.Met, Verdict.TooNoisy, Verdict.TooNoisy])));
        Assert.Empty(NoiseCheck.Refusals(Quiet, [Verdict.Met, Verdict.NoPeer, Verdict.NoPeer, Verdict.NotMeasured]));
    }

    private static void Refused(Conditions run, string reason) => Assert.StartsWith(reason, Assert.Single(NoiseCheck.Refusals(run, Clear)).Replace("the host of this virtual machine ", "", StringComparison.Ordinal));
}
