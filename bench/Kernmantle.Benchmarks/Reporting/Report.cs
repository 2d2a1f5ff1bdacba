using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A group with its rows.</summary>
internal sealed record Table(string Name, string Title, IReadOnlyList<Row> Rows);

/// <summary>The run as text for people (Markdown) and for programs (JSON).</summary>
/// <param name="Load">The load average before the run: figures of a machine that others use say little.</param>
internal sealed record Report(string Machine, double Load, string Mode, int Rounds, int Seconds, IReadOnlyList<Verdict> Goals, IReadOnlyList<Table> Tables)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string ThisMachine =>
        $"{Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}";

    public static Report Of(IReadOnlyList<Group> groups, Results results, Mode mode, double load, int rounds, TimeSpan elapsed)
    {
        Table[] tables = [.. groups.Select(group => new Table(group.Name, group.Title, [.. results.Rows(group, mode)]))];
        Verdict[] goals = [.. from goal in Catalogue.Goals.All
                              from table in tables
                              where table.Name == goal.Group && (mode == Catalogue.Mode.Nightly || !IsNightly(groups, goal))
                              select Verdict.Of(goal, table.Rows)];
        return new(ThisMachine, load, mode.ToString().ToLowerInvariant(), rounds, (int)elapsed.TotalSeconds, goals, tables);
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        Line(text, $"{Machine}; {Mode} run, {Rounds} rounds, {Seconds} s. Median and p99 are medians over the rounds; the p99 of fewer than 100 samples in a round is their maximum.");
        Line(text, $"\nLoad average before the run: {Load:0.0}{(Load > 1 ? ". **Other programs used the machine: take no figure from this run**" : "")}.");
        Line(text, $"\n## Goals: {Goals.Count(static g => g.Met == true)} met, {Goals.Count(static g => g.Met == false)} missed, {Goals.Count(static g => g.Met is null)} not judged\n");
        Line(text, "| goal | compared with | bound | reached | |\n|---|---|---:|---:|---|");
        foreach (Verdict goal in Goals)
            Line(text, $"| {goal.Goal.Name} | {goal.Peer ?? "-"} | {goal.Bound} | {goal.Reached} | {(goal.Met == true ? goal.Word : $"**{goal.Word}**")} |");
        foreach (Table table in Tables)
        {
            Line(text, $"\n## {table.Title}\n\n| | median | p99 | min | samples | rounds |\n|---|---:|---:|---:|---:|---:|");
            foreach (Row row in table.Rows)
                Line(text, row.Unit is { } unit ? $"| {Name(row)} | {Figures.Text(row.Median!.Value, unit)} | {Figures.Text(row.P99!.Value, unit)} | {Figures.Text(row.Minimum!.Value, unit)} | {row.Samples:N0} | {row.Rounds}{(row.Missing is null ? "" : $", then missing {row.Missing}")} |" : $"| {Name(row)} | missing: {row.Missing} | | | | |");
        }
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Machine,
            LoadBefore = Load,
            Mode,
            Rounds,
            Seconds,
            Goals = Goals.Select(static g => new { g.Goal.Group, g.Goal.Name, g.Ours, g.Peer, OursKey = g.Goal.Ours, PeerKeys = g.Goal.Peers, Of = g.Goal.Of.ToString(), Ratio = g.Ratio, g.Unit, g.Goal.Bound, Direction = g.Bound[..1], BoundText = g.Bound, g.Reached, Verdict = g.Word }),
            Tables,
        },
        Format) + "\n";

    private static string Name(Row row) => row.IsPeer ? row.Name : $"**{row.Name}**";

    private static bool IsNightly(IReadOnlyList<Group> groups, Goal goal) => groups.SelectMany(static g => g.Measures).Any(m => m.Nightly && m.Key() == goal.Ours);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Processor()
    {
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal));
        return line?.Split(':', 2)[1].Trim() ?? "unknown processor";
    }
}
