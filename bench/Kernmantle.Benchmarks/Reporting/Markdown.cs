using System.Text;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A run as text for people.</summary>
internal static class Markdown
{
    public static string Of(Report run)
    {
        var text = new StringBuilder();
        Line(text, $"{run.Machine}.\n");
        Line(text, $"{run.Mode} run, {run.Rounds} rounds, {run.Seconds} s. {(run.IsAccepted ? "The noise check accepts it." : $"**Take no figure from this run**: {string.Join("; ", run.Refusals)}.")}");
        if (run.Choices.Count > 0)
        {
            Line(text, "\n## What it costs\n\n| | here, in a process | within this process, nothing isolated | in another process, otherwise |\n|---|---|---|---|");
            foreach (ChoiceRow row in run.Choices)
                Line(text, $"| {row.What} | {row.Here} | {row.Within} | {row.Otherwise} |");
        }
        Line(text, $"\n## Goals\n\n{run.Tally}. {run.Method}\n");
        Line(text, "| goal | here | compared with | bound | reached | spread | turns | |\n|---|---:|---|---:|---:|---:|---:|---|");
        foreach (GoalResult goal in run.Goals)
            Line(text, $"| {goal.Goal.Name} | {goal.Here} | {goal.Peer ?? "-"} | {goal.Bound} | {goal.Reached} | {goal.Spread} | {goal.Turns.Count} | {(goal.Word == "met" ? goal.Word : $"**{goal.Word}**")} |");
        Line(text, "\nMedian and p99 are medians over the rounds; the p99 of fewer than 100 samples in a round is their maximum.");
        foreach (Table table in run.Tables)
        {
            Line(text, $"\n## {table.Title} (`{table.Name}`)\n\n| | median | p99 | min | samples | rounds |\n|---|---:|---:|---:|---:|---:|");
            foreach (Row row in table.Rows)
                Line(text, row.Unit is null ? $"| {Name(row)} | missing: {row.Missing} | | | | |" : FormattableString.Invariant($"| {Name(row)} | {row.MedianText} | {row.P99Text} | {row.MinimumText} | {row.Samples:N0} | {row.Rounds}{(row.Missing is null ? "" : $", then missing {row.Missing}")} |"));
        }
        return text.ToString();
    }

    private static string Name(Row row) => row.IsPeer ? row.Name : $"**{row.Name}**";

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
