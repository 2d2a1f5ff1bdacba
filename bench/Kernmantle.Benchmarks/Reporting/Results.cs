using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Running;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>One row of a table. Median and p99 are medians over the rounds, the minimum is the least of all.</summary>
internal sealed record Row(string Key, string Name, bool IsPeer, string? Unit, double? Median, double? P99, double? Minimum, long? Samples, int Rounds, string? Missing);

/// <summary>What the rounds brought.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Group, string Key), List<Line>> lines = [];
    private readonly Dictionary<(string Group, string Key), string> missing = [];

    public void Add(Group group, Measure measure, Outcome outcome)
    {
        if (outcome.Missing is { } reason)
            missing[(group.Name, measure.Key())] = reason;
        foreach (Line line in outcome.Lines)
        {
            (string, string) key = (group.Name, measure.Key(line.Metric));
            if (!lines.TryGetValue(key, out List<Line>? known))
                lines.Add(key, known = []);
            known.Add(line);
        }
    }

    /// <summary>What failed once is not tried again: it would only take time.</summary>
    public bool IsMissing(Group group, Measure measure) => missing.ContainsKey((group.Name, measure.Key()));

    public IEnumerable<Row> Rows(Group group, Mode mode) =>
        from measure in @group.Measures
        where mode == Mode.Nightly || !measure.Nightly
        from part in measure.More.Prepend((Metric: "", measure.Title))
        select RowOf(@group, measure, part.Metric, part.Title);

    private Row RowOf(Group group, Measure measure, string metric, string title)
    {
        string key = measure.Key(metric);
        if (lines.TryGetValue((group.Name, key), out List<Line>? all))
        {
            return new(
                key, title, measure.IsPeer, all[0].Unit,
                Median(all, static l => l.P50), Median(all, static l => l.P99), all.Min(static l => l.Min),
                all.Sum(static l => l.N), all.Count, missing.GetValueOrDefault((group.Name, measure.Key())) is { } later ? $"in a later round: {later}" : null);
        }
        return new(key, title, measure.IsPeer, null, null, null, null, null, 0, missing.GetValueOrDefault((group.Name, measure.Key()), "not printed by its program"));
    }

    private static double Median(List<Line> all, Func<Line, double> value)
    {
        double[] sorted = [.. all.Select(value).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
