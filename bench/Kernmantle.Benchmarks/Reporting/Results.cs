using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Running;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>One row of a table. Median and p99 are medians over the rounds, the minimum is the least of all.</summary>
internal sealed record Row(string Key, string Name, bool IsPeer, string? Unit, double? Median, double? P99, double? Minimum, long? Samples, int Rounds, string? Missing)
{
    public string MedianText => Text(Median);

    public string P99Text => Text(P99);

    public string MinimumText => Text(Minimum);

    private string Text(double? value) => value is { } number && Unit is { } unit ? Figures.Text(number, unit) : "";
}

/// <summary>What the rounds brought.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Group, string Key), SortedDictionary<int, Line>> lines = [];
    private readonly Dictionary<(string Group, string Key), string> missing = [];

    public void Add(Group group, Measure measure, int round, Outcome outcome)
    {
        if (outcome.Missing is { } reason)
        {
            foreach (string metric in measure.More.Select(static more => more.Metric).Prepend(""))
                missing[(group.Name, measure.Key(metric))] = reason;
        }
        foreach (Line line in outcome.Lines)
        {
            (string, string) key = (group.Name, measure.Key(line.Metric));
            if (!lines.TryGetValue(key, out SortedDictionary<int, Line>? known))
                lines.Add(key, known = []);
            known[round] = line;
        }
    }

    /// <summary>What failed once is not tried again: it would only take time.</summary>
    public bool IsMissing(Group group, Measure measure) => missing.ContainsKey((group.Name, measure.Key()));

    /// <summary>Why a row has no figure, or not as many as it should have; null if nothing is known to have failed.</summary>
    public string? WhyMissing(string group, string key) => missing.GetValueOrDefault((group, key));

    /// <summary>The figure of each round in which there is one.</summary>
    public IReadOnlyDictionary<int, double> Figures(string group, string key, Statistic of) =>
        lines.TryGetValue((group, key), out SortedDictionary<int, Line>? all) ? all.ToDictionary(static pair => pair.Key, pair => of == Statistic.P99 ? pair.Value.P99 : pair.Value.P50) : new Dictionary<int, double>();

    public string? UnitOf(string group, string key) => lines.TryGetValue((group, key), out SortedDictionary<int, Line>? all) ? all.Values.First().Unit : null;

    public IEnumerable<Row> Rows(Group group, Mode mode) =>
        from measure in @group.Measures
        where mode == Mode.Nightly || !measure.Nightly
        from part in measure.More.Prepend((Metric: "", measure.Title))
        select RowOf(@group, measure, part.Metric, part.Title);

    private Row RowOf(Group group, Measure measure, string metric, string title)
    {
        string key = measure.Key(metric);
        string? why = WhyMissing(group.Name, key);
        if (!lines.TryGetValue((group.Name, key), out SortedDictionary<int, Line>? rounds))
            return new(key, title, measure.IsPeer, null, null, null, null, null, 0, why ?? "not printed by its program");
        Line[] all = [.. rounds.Values];
        return new(
            key, title, measure.IsPeer, all[0].Unit,
            Interval.Of(all.Select(static l => l.P50)).Median, Interval.Of(all.Select(static l => l.P99)).Median, all.Min(static l => l.Min),
            all.Sum(static l => l.N), all.Length, why is null ? null : $"in a later round: {why}");
    }
}
