namespace Kernmantle.Tool.Lab.Model;

/// <summary>A claim, with everything that the experiments found about it.</summary>
/// <param name="Verdict">Over all findings; null where no experiment that was run says anything about it.</param>
/// <param name="Experiments">Those that found something about it.</param>
internal sealed record ClaimResult(string Id, string Statement, Verdict? Verdict, IReadOnlyList<string> Experiments, IReadOnlyList<Finding> Findings);

/// <summary>One run of the lab.</summary>
/// <param name="Schema">Raised when the meaning of a member changes.</param>
internal sealed record LabResult(
    int Schema,
    string Version,
    DateTimeOffset Started,
    double Seconds,
    Machine Machine,
    IReadOnlyList<ExperimentResult> Experiments,
    IReadOnlyList<ClaimResult> Claims)
{
    public const int CurrentSchema = 1;
}
