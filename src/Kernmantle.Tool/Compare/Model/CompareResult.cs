using Kernmantle.Tool.Compare.Places;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Compare.Model;

/// <summary>One place, measured.</summary>
/// <param name="Name">Its name in tables and sentences.</param>
/// <param name="Message">Why it did not run to the end; null if it did.</param>
/// <param name="Rounds">In the order of time: those with one index were measured in the same turn.</param>
/// <param name="Failures">The most calls that failed in one round.</param>
/// <param name="FirstFailure">Of the calls that failed, the first one's message.</param>
/// <param name="Difference">Which result is another one, and how; null where none is.</param>
internal sealed record PlaceMeasured(
    Place Place,
    string Name,
    PlaceEnd End,
    string? Message,
    IReadOnlyList<RoundFigures> Rounds,
    int Failures,
    string? FirstFailure,
    Agreement Results,
    string? Difference)
{
    public Spread Wall() => Spread.Of(Rounds.Select(static round => round.WallSeconds));

    public Spread Cpu() => Spread.Of(Rounds.Select(static round => round.CpuSeconds));

    public Spread Peak() => Spread.Of(Rounds.Select(static round => round.PeakBytes));

    public Spread Switches() => Spread.Of(Rounds.Select(static round => round.Switches));

    /// <summary>Null where it is not counted.</summary>
    public Spread? Allocated() => Rounds.All(static round => round.AllocatedBytes is not null) ? Spread.Of(Rounds.Select(static round => round.AllocatedBytes!.Value)) : null;

    /// <summary>Null where it is not told.</summary>
    public Spread? GcPause() => Rounds.All(static round => round.GcPauseSeconds is not null) ? Spread.Of(Rounds.Select(static round => round.GcPauseSeconds!.Value)) : null;

    /// <summary>How many times as fast as another place, turn by turn.</summary>
    public Spread SpeedUp(PlaceMeasured other) =>
        Comparison.Ratio([.. other.Rounds.Select(static round => round.WallSeconds)], [.. Rounds.Select(static round => round.WallSeconds)]);
}

/// <summary>What was asked for.</summary>
/// <param name="Function">The method or function.</param>
/// <param name="Inputs">Where the inputs come from.</param>
/// <param name="Calls">How many calls a round has.</param>
internal sealed record CompareQuestion(string Function, string Inputs, int Calls, int Workers);

/// <summary>One run of <c>kern compare</c>.</summary>
/// <param name="Schema">Raised when the meaning of a member changes.</param>
/// <param name="Notes">What was left out, and why.</param>
internal sealed record CompareResult(
    int Schema,
    string Version,
    DateTimeOffset Started,
    double Seconds,
    Machine Machine,
    CompareQuestion Question,
    IReadOnlyList<PlaceMeasured> Places,
    Advice Advice,
    IReadOnlyList<string> Notes)
{
    public const int CurrentSchema = 1;
}
