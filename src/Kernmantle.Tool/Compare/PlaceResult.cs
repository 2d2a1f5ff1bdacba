using Kernmantle.Tool.Statistics;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>All rounds in one place, or how the place came to its end.</summary>
/// <param name="Place">Which one.</param>
/// <param name="Name">Its name in the table.</param>
/// <param name="Rounds">In turns with those of the other places.</param>
/// <param name="Ended">Why there are no more: it crashed, hung, cannot do it; null if it did all.</param>
internal sealed record PlaceResult(Place Place, string Name, IReadOnlyList<Round> Rounds, string? Ended)
{
    public RoundOutcome? Outcome => Rounds.Count > 0 ? Rounds[^1].Outcome : null;

    /// <summary>It did the work, every time, to the last call.</summary>
    public bool IsComplete => Ended is null && Rounds.Count > 0 && Rounds.All(static r => r.Outcome.Failures == 0);

    public Spread Wall => Spread.Of(Rounds.Select(static r => r.Wall));

    public Spread Processor => Spread.Of(Rounds.Select(static r => r.Processor));

    public Spread PeakMemory => Spread.Of(Rounds.Select(static r => (double)r.PeakMemory));

    /// <summary>Whether every round gave what the first round of <paramref name="other"/> gave.</summary>
    public bool Agrees(PlaceResult other) => other.Outcome is { } expected && Rounds.All(r => r.Outcome.Results == expected.Results);
}
