namespace Kernmantle.Benchmarks;

/// <summary>One line of a table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="IsPeer">One of the others that ours is compared with.</param>
/// <param name="Samples">Null where the peer is missing.</param>
internal sealed record Row(string Name, bool IsPeer, Samples? Samples);

/// <summary>A goal: the ratio to a peer, or a value, that must not be exceeded.</summary>
internal sealed record Goal(string Row, string? Peer, double Limit)
{
    public string Describe(string unit) => Peer is null ? $"{Row}: at most {Limit} {unit}" : $"{Row}: at most {Limit} × {Peer}";
}

/// <summary>What was measured together: in one run, in turns, so that the machine's moods meet all rows alike.</summary>
internal sealed class Table(string title, string unit, params Goal[] goals)
{
    private readonly List<Row> rows = [];

    public string Title => title;

    public string Unit => unit;

    public IReadOnlyList<Row> Rows => rows;

    public IReadOnlyList<Goal> Goals => goals;

    public Samples Ours(string name) => Add(name, isPeer: false);

    public Samples Peer(string name) => Add(name, isPeer: true);

    public void MissingPeer(string name) => rows.Add(new(name, IsPeer: true, null));

    /// <summary>How many times a peer's median a row's median is; null where either is missing.</summary>
    public double? Ratio(Row row, string peer) =>
        row.Samples is { Count: > 0 } mine && rows.Find(r => r.Name == peer)?.Samples is { Count: > 0 } other ? mine.Median / other.Median : null;

    /// <summary>Whether the goal was met; null where it could not be judged.</summary>
    public bool? IsMet(Goal goal)
    {
        Row row = rows.Single(r => r.Name == goal.Row);
        double? value = goal.Peer is { } peer ? Ratio(row, peer) : row.Samples?.Median;
        return value is null ? null : value <= goal.Limit;
    }

    private Samples Add(string name, bool isPeer)
    {
        var samples = new Samples();
        rows.Add(new(name, isPeer, samples));
        return samples;
    }
}
