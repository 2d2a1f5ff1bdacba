namespace Kernmantle.Tool.Lab.Model;

/// <summary>A table of text, for what a list of figures would show badly.</summary>
/// <param name="Columns">A name that begins with <c>&gt;</c> is aligned to the right.</param>
internal sealed record TextTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>What an experiment measured and what follows from it.</summary>
/// <param name="Figures">All of them, also those that a table shows.</param>
/// <param name="Tables">Shown instead of the list of figures.</param>
/// <param name="Notes">What was not measured and why; texts such as stacks.</param>
internal sealed record Outcome(
    IReadOnlyList<Figure> Figures,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Plot> Plots,
    IReadOnlyList<TextTable> Tables,
    IReadOnlyList<string> Notes)
{
    public static readonly Outcome None = new([], [], [], [], []);
}

/// <summary>An experiment that was run.</summary>
/// <param name="Failure">Why it has no outcome; null if it has one.</param>
internal sealed record ExperimentResult(string Name, string Question, double Seconds, string? Failure, Outcome Outcome);
