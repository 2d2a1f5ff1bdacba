using System.Runtime.InteropServices;
using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A group with its rows.</summary>
internal sealed record Table(string Name, string Title, IReadOnlyList<Row> Rows);

/// <summary>A run: what was measured, what became of the goals, and whether figures may be taken from it.</summary>
/// <param name="Machine">What it is, and what it itself takes.</param>
/// <param name="Refusals">What speaks against taking figures from this run; empty if nothing does.</param>
/// <param name="Choices">The README's table; empty where not everything was measured.</param>
internal sealed record Report(
    string Machine, string Mode, int Rounds, int Seconds, Conditions Conditions, IReadOnlyList<string> Refusals,
    IReadOnlyList<ChoiceRow> Choices, IReadOnlyList<GoalResult> Goals, IReadOnlyList<Table> Tables)
{
    public static string ThisMachine =>
        $"{Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}";

    public bool IsAccepted => Refusals.Count == 0;

    /// <summary>How many goals were met and so on, in words.</summary>
    public string Tally =>
        $"{Count(Verdict.Met)} of {Goals.Count} goals met, {Count(Verdict.Missed)} missed, {Count(Verdict.TooNoisy)} too noisy to say, {Goals.Count(static g => g.Judgement.Verdict is Verdict.NoPeer or Verdict.NotMeasured)} not judged";

    /// <summary>How the turns became a verdict, for whoever reads the table.</summary>
    public string Method
    {
        get
        {
            double confidence = Interval.Of(Enumerable.Repeat(0.0, Rounds)).Confidence;
            return FormattableString.Invariant($"A goal is judged by the median of the figures of its turns (in a turn both sides are measured, one right after the other). The spread is that between which the true median lies with {confidence * 100:0} % confidence for {Rounds} turns, 75 % for 3; where it contains the bound, the run is too noisy to say.");
        }
    }

    public static Report Of(IReadOnlyList<Group> groups, Results results, Mode mode, Conditions conditions, TimeSpan elapsed)
    {
        Table[] tables = [.. groups.Select(group => new Table(group.Name, group.Title, [.. results.Rows(group, mode)]))];
        GoalResult[] goals = [.. from goal in Topics.Goals
                                 from table in tables
                                 where table.Name == goal.Group && (mode == Catalogue.Mode.Nightly || !IsNightly(groups, goal))
                                 select GoalResult.Of(goal, results, table.Rows)];
        ChoiceRow[] choices = conditions.Complete ? [.. Catalogue.Choices.All.Select(choice => ChoiceRow.Of(choice, tables))] : [];
        return new(
            $"{ThisMachine}; {MachineText.Of(conditions)}", mode.ToString().ToLowerInvariant(), conditions.Rounds, (int)elapsed.TotalSeconds, conditions,
            NoiseCheck.Refusals(conditions, [.. goals.Select(static goal => goal.Judgement.Verdict)]), choices, goals, tables);
    }

    private int Count(Verdict verdict) => Goals.Count(goal => goal.Judgement.Verdict == verdict);

    private static bool IsNightly(IReadOnlyList<Group> groups, Goal goal) => groups.SelectMany(static g => g.Measures).Any(m => m.Nightly && m.Key() == goal.Ours);

    private static string Processor()
    {
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal));
        return line?.Split(':', 2)[1].Trim() ?? "unknown processor";
    }
}
