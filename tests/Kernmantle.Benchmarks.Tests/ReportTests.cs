using System.Text.Json;
using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Reporting;
using Kernmantle.Benchmarks.Running;

namespace Kernmantle.Benchmarks.Tests;

/// <summary>Made-up outcomes, and what the report says of them.</summary>
public sealed class ReportTests
{
    private static readonly Group Bytes = Topics.Groups.Single(static group => group.Name == "bytes");
    private static readonly Group Tiny = Topics.Groups.Single(static group => group.Name == "tiny");

    [Fact]
    public void Turns_pair_what_one_round_measured_of_both_sides()
    {
        var results = new Results();
        double[] ours = [100, 200, 300, 400, 500], peers = [100, 200, 300, 400];
        for (int round = 0; round < ours.Length; round++)
            results.Add(Bytes, Measure(Bytes, "ours.bytes-1m"), round, Figure(ours[round], "ns"));
        for (int round = 0; round < peers.Length; round++)
            results.Add(Bytes, Measure(Bytes, "dotnet.arrays-1m"), round, Figure(peers[round], "ns"));

        GoalResult goal = Assert.Single(Of(results, Bytes).Goals, static goal => goal.Goal.Peers is ["dotnet.arrays-1m"]);

        Assert.Equal([1, 1, 1, 1], goal.Turns.Select(static turn => turn.Ours / turn.Peer!.Value));
        Assert.Equal(("met", "1.00 × to 1.00 ×"), (goal.Word, goal.Spread));
    }

    [Fact]
    public void A_missing_peer_is_told_with_its_reason()
    {
        var results = new Results();
        results.Add(Bytes, Measure(Bytes, "ours.bytes-1m"), 0, Figure(100, "ns"));
        results.Add(Bytes, Measure(Bytes, "dotnet.arrays-1m"), 0, Outcome.Of("gcc is not installed"));

        GoalResult goal = Assert.Single(Of(results, Bytes).Goals, static goal => goal.Goal.Peers is ["dotnet.arrays-1m"]);

        Assert.Equal(Verdict.NoPeer, goal.Judgement.Verdict);
        Assert.Equal("no peer: .NET, four copies of 1 MiB, two of them into new arrays: gcc is not installed", goal.Word);
        Assert.Contains("gcc is not installed", Markdown.Of(Of(results, Bytes)));
    }

    [Fact]
    public void Our_own_failure_is_not_measured_with_its_reason()
    {
        var results = new Results();
        results.Add(Bytes, Measure(Bytes, "ours.bytes-1m"), 0, Outcome.Of("not finished within 30 s"));
        results.Add(Bytes, Measure(Bytes, "dotnet.arrays-1m"), 0, Figure(100, "ns"));

        Assert.Equal("not measured: not finished within 30 s", Assert.Single(Of(results, Bytes).Goals, static goal => goal.Goal.Peers is ["dotnet.arrays-1m"]).Word);
    }

    [Fact]
    public void Of_several_peers_the_best_that_was_measured_counts_and_those_that_were_not_are_named()
    {
        var results = new Results();
        for (int round = 0; round < 5; round++)
        {
            results.Add(Tiny, Measure(Tiny, "ours.tiny"), round, Figure(1000, "calls/s"));
            results.Add(Tiny, Measure(Tiny, "python.executor-tiny"), round, Figure(20, "calls/s"));
            results.Add(Tiny, Measure(Tiny, "python.pool-tiny"), round, Figure(50, "calls/s"));
        }
        results.Add(Tiny, Measure(Tiny, "python.loky-tiny"), 0, Outcome.Of("No module named 'joblib'"));

        GoalResult goal = Of(results, Tiny).Goals.Single(static goal => goal.Goal.Peers.Length > 1);

        Assert.Equal(("Python multiprocessing.Pool, apply_async", "20.0 ×", "met"), (goal.Peer, goal.Reached, goal.Word));
        Assert.Contains("No module named 'joblib'", goal.Why);
    }

    [Fact]
    public void A_part_of_the_groups_is_refused_and_the_reason_stands_in_both_forms()
    {
        var results = new Results();
        results.Add(Bytes, Measure(Bytes, "ours.bytes-1m"), 0, Figure(100, "ns"));
        Report run = Of(results, Bytes);

        Assert.False(run.IsAccepted);
        Assert.Contains("**Take no figure from this run**: only a part was measured", Markdown.Of(run));
        using JsonDocument json = JsonDocument.Parse(Json.Of(run));
        Assert.False(json.RootElement.GetProperty("accepted").GetBoolean());
        Assert.Equal("only a part was measured", json.RootElement.GetProperty("refusals")[0].GetString());
    }

    [Fact]
    public void The_READMEs_row_says_what_was_not_measured()
    {
        Choice choice = new("a megabyte", [new("bytes", "ours.bytes-1m", "`byte[]`")], [], [new("bytes", "python.executor-bytes-1m", "Python")], "a reference");
        var results = new Results();
        results.Add(Bytes, Measure(Bytes, "ours.bytes-1m"), 0, Figure(1500, "ns"));

        Assert.Equal(new("a megabyte", "`byte[]` **1.50 µs**", "a reference", "Python not measured"), ChoiceRow.Of(choice, Of(results, Bytes).Tables));
    }

    private static Report Of(Results results, Group group) => Report.Of(
        [group], results, Mode.Quick, new([.. Enumerable.Repeat(new Look(120, 50_000, 9e9), 6)], 0, [0, 0, 0, 0, 0], 5, Complete: false), TimeSpan.FromSeconds(1));

    private static Measure Measure(Group group, string key) => group.Measures.Single(measure => measure.Key() == key);

    private static Outcome Figure(double value, string unit) => new([Line.Of(value, unit)], null);
}
