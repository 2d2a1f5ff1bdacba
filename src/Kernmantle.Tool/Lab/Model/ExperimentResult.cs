namespace Kernmantle.Tool.Lab.Model;

/// <summary>A table of text, for what a list of figures would show badly.</summary>
/// <param name="Columns">A name that begins with <c>&gt;</c> is aligned to the right. All empty: no header.</param>
/// <param name="Keys">How many columns, from the first on, name the row: they are said again where a table has to be shown in parts.</param>
internal sealed record TextTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int Keys = 1)
{
    /// <summary>Numbers.</summary>
    public bool IsRight(int column) => Columns[column].StartsWith('>');

    /// <summary>The column's name, as it is shown.</summary>
    public string HeaderOf(int column) => IsRight(column) ? Columns[column][1..] : Columns[column];
}

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
/// <param name="Failure">What went wrong, so that it has no outcome; null if nothing did.</param>
/// <param name="Unavailable">What this machine lacks for it, so that it has no outcome; null if it could be run.</param>
internal sealed record ExperimentResult(string Name, string Question, double Seconds, string? Failure, Outcome Outcome, string? Unavailable = null);
