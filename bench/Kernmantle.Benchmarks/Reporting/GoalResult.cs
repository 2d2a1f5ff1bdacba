using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A goal and what became of it, with the names that a reader knows its sides by.</summary>
/// <param name="Peer">The row compared with, the best one of several; null for an absolute bound.</param>
/// <param name="Unit">The unit of the bound; <c>×</c> for a ratio.</param>
/// <param name="Why">Why a side is missing, or some of several peers; null if nothing is.</param>
internal sealed record GoalResult(Goal Goal, string Here, string? Peer, string Unit, IReadOnlyList<Turn> Turns, Judgement Judgement, string? Why)
{
    public string Bound => $"{(Judgement.IsAtLeast(Goal.How) ? "≥" : "≤")} {Text(Goal.Bound)}";

    public string Reached => Judgement.Figure is { } figure ? Text(figure.Median) : "";

    public string Spread => Judgement.Figure is { } figure ? $"{Text(figure.Low)} to {Text(figure.High)}" : "";

    public string Word => Judgement.Verdict switch
    {
        Verdict.Met => "met",
        Verdict.Missed => "missed",
        Verdict.TooNoisy => "too noisy to say",
        Verdict.NoPeer => $"no peer: {Why}",
        _ => $"not measured: {Why}",
    };

    public static GoalResult Of(Goal goal, Results results, IReadOnlyList<Row> rows)
    {
        IReadOnlyDictionary<int, double> ours = results.Figures(goal.Group, goal.Ours, goal.Of);
        Row? mine = rows.FirstOrDefault(row => row.Key == goal.Ours);
        Row[] known = [.. rows.Where(row => goal.Peers.Contains(row.Key) && row.Unit is not null)];
        Row? peer = goal.How == Comparison.AtLeastTimes ? known.MaxBy(row => Value(row, goal)) : known.MinBy(row => Value(row, goal));
        IReadOnlyDictionary<int, double> theirs = peer is null ? new Dictionary<int, double>() : results.Figures(goal.Group, peer.Key, goal.Of);

        // Only rounds in which both were measured are turns; where there is no peer at all, ours shows at least that it was.
        Turn[] turns = [.. ours.Where(pair => peer is null || theirs.ContainsKey(pair.Key)).OrderBy(static pair => pair.Key).Select(pair => new Turn(pair.Value - goal.Slack, peer is null ? null : theirs[pair.Key]))];
        string unit = goal.How is Comparison.AtMost or Comparison.AtMostOverTwice ? mine?.Unit ?? "ns" : "×";
        string? why = ours.Count == 0
            ? results.WhyMissing(goal.Group, goal.Ours) ?? "not printed by its program"
            : string.Join("; ", goal.Peers.Select(key => results.WhyMissing(goal.Group, key) is { } reason ? $"{rows.FirstOrDefault(row => row.Key == key)?.Name ?? key}: {reason}" : null).OfType<string>()) is { Length: > 0 } text ? text : null;
        return new(goal, mine?.MedianOrP99(goal) ?? "", peer?.Name ?? rows.FirstOrDefault(row => goal.Peers.Contains(row.Key))?.Name, unit, turns, Judgement.Of(goal.How, goal.Bound, turns), why);
    }

    private static double? Value(Row row, Goal goal) => goal.Of == Statistic.P99 ? row.P99 : row.Median;

    private string Text(double value) => Unit == "×" ? $"{Figures.Number(value)} ×" : Figures.Text(value, Unit);
}

internal static class RowTexts
{
    public static string MedianOrP99(this Row row, Goal goal) => goal.Of == Statistic.P99 ? row.P99Text : row.MedianText;
}
