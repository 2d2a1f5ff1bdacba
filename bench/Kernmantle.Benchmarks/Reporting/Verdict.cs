using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A goal and what became of it.</summary>
/// <param name="Ours">Our row's name.</param>
/// <param name="Peer">The name of the row compared with, the best one of several; null for an absolute bound.</param>
/// <param name="Ratio">The figure that the bound is for; null where a side is missing.</param>
/// <param name="Unit">The unit of <paramref name="Ratio"/>; <c>×</c> for a ratio.</param>
internal sealed record Verdict(Goal Goal, string Ours, string? Peer, double? Ratio, string Unit, bool? Met)
{
    public string Bound => $"{(Goal.How is Comparison.AtLeastTimes or Comparison.FasterTimes ? "≥" : "≤")} {Figure(Goal.Bound)}";

    public string Reached => Ratio is { } ratio ? Figure(ratio) : "";

    public string Word => Met switch { true => "met", false => "missed", null => "not judged: a side is missing" };

    public static Verdict Of(Goal goal, IReadOnlyList<Row> rows)
    {
        Row? ours = rows.FirstOrDefault(row => row.Key == goal.Ours && Value(row, goal) is not null);
        bool moreIsBetter = goal.How == Comparison.AtLeastTimes;
        Row[] peers = [.. rows.Where(row => goal.Peers.Contains(row.Key) && Value(row, goal) is not null).OrderBy(row => Value(row, goal) * (moreIsBetter ? -1 : 1))];
        string unit = goal.How is Comparison.AtMost or Comparison.AtMostOverTwice ? ours?.Unit ?? "" : "×";
        if (ours is null || (goal.Peers.Length > 0 && peers.Length == 0))
            return new(goal, ours?.Name ?? goal.Ours, peers.FirstOrDefault()?.Name ?? goal.Peers.FirstOrDefault(), null, unit, null);
        double mine = Value(ours, goal)!.Value, other = peers.Length > 0 ? Value(peers[0], goal)!.Value : 0;
        double figure = goal.How switch
        {
            Comparison.AtMost => mine,
            Comparison.AtMostOverTwice => mine - (2 * other),
            Comparison.FasterTimes => other / mine,
            _ => mine / other,
        };
        bool met = goal.How is Comparison.AtLeastTimes or Comparison.FasterTimes ? figure >= goal.Bound : figure <= goal.Bound;
        return new(goal, ours.Name, peers.FirstOrDefault()?.Name, figure, unit, met);
    }

    private static double? Value(Row row, Goal goal) => goal.Of == Statistic.P99 ? row.P99 : row.Median;

    private string Figure(double value) => Unit == "×" ? $"{Figures.Number(value)} ×" : Figures.Text(value, Unit);
}
