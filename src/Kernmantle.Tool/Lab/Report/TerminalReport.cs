using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Statistics;
using Spectre.Console;

namespace Kernmantle.Tool.Lab.Report;

/// <summary>The lab on standard output: each experiment's figures when it is done, and the claims at the end.</summary>
internal static class TerminalReport
{
    public static void Write(Screen screen, ExperimentResult experiment)
    {
        screen.Out.MarkupLineInterpolated($"[bold]{experiment.Name}[/]  {experiment.Question}  [dim]({Units.Format(experiment.Seconds, Unit.Seconds)})[/]");
        if (experiment.Failure is { } failure)
            screen.Out.MarkupLineInterpolated($"[red]failed:[/] {failure}");
        if (experiment.Unavailable is { } missing)
            screen.Out.MarkupLineInterpolated($"[yellow]cannot be run here:[/] {missing}");
        if (experiment.Outcome.Tables.Count == 0 && experiment.Outcome.Figures.Count > 0)
            TableWriter.Write(screen, Figures(experiment.Outcome.Figures));
        foreach (TextTable table in experiment.Outcome.Tables)
            TableWriter.Write(screen, table);
        foreach (string note in experiment.Outcome.Notes)
            screen.Out.WriteLine(note);
        foreach (Finding finding in experiment.Outcome.Findings)
        {
            string verdict = finding.Verdict.Text();
            screen.Out.MarkupLine($"[bold]{finding.Claim}[/] [{Colour(verdict).ToMarkup()}]{verdict}[/]: {Markup.Escape(finding.Statement)}");
            screen.Out.Write(new Padder(new Text(finding.Why)).Padding(4, 0, 0, 0));
        }
        screen.Line();
    }

    public static void Write(Screen screen, LabResult lab)
    {
        TableWriter.Write(screen, Claims(lab.Claims), static (column, cell) => column == VerdictColumn ? Colour(cell) : Style.Plain, separated: true);
        screen.Out.WriteLine($"Experiments: {LabSummary.Of(lab)}");
        if (lab.Machine.Warning() is { } warning)
            screen.Out.MarkupLineInterpolated($"[yellow]{warning}[/]");
    }

    private const int VerdictColumn = 2;

    /// <summary>The claims that something was found about.</summary>
    private static TextTable Claims(IReadOnlyList<ClaimResult> claims) => new(
        "",
        ["", "Claim", "Verdict", "Figures"],
        [.. claims.Where(static claim => claim.Verdict is not null).Select(static claim => new[]
        {
            claim.Id,
            $"{claim.Statement}\n({string.Join(", ", claim.Experiments)})",
            claim.Verdict!.Value.Text(),
            string.Join('\n', claim.Findings.Select(static finding => finding.Why)),
        })]);

    /// <summary>Figures as a table of text.</summary>
    public static TextTable Figures(IReadOnlyList<Figure> figures) => new(
        "",
        ["Figure", ">Median", ">Middle half", ">Measured"],
        [.. figures.Select(static figure => new[]
        {
            figure.Label,
            Units.Format(figure.Value.Median, figure.Unit),
            Units.MiddleHalf(figure.Value, figure.Unit),
            $"{figure.Value.Count} ×",
        })]);

    private static Style Colour(string verdict) => new(
        verdict == Verdict.Holds.Text() ? Color.Green : verdict == Verdict.Depends.Text() ? Color.Yellow : Color.Red);
}
