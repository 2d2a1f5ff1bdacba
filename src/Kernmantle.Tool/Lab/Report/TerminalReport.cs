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
            screen.Out.MarkupLineInterpolated($"[red]could not be run:[/] {failure}");
        if (experiment.Outcome.Tables.Count == 0 && experiment.Outcome.Figures.Count > 0)
            Write(screen, Figures(experiment.Outcome.Figures));
        foreach (TextTable table in experiment.Outcome.Tables)
            Write(screen, table);
        foreach (string note in experiment.Outcome.Notes)
            screen.Out.WriteLine(note);
        foreach (Finding finding in experiment.Outcome.Findings)
        {
            screen.Out.MarkupLine($"[bold]{finding.Claim}[/] {Coloured(finding.Verdict)}: {Markup.Escape(finding.Statement)}");
            screen.Out.Write(new Padder(new Text(finding.Why)).Padding(4, 0, 0, 0));
        }
        screen.Line();
    }

    public static void Write(Screen screen, LabResult lab)
    {
        Table table = screen.Table("", "Claim", "Verdict", "Figures");
        foreach (ClaimResult claim in lab.Claims.Where(static claim => claim.Verdict is not null))
        {
            table.AddRow(
                new Text(claim.Id),
                new Rows(new Text(claim.Statement), new Markup($"[dim]{string.Join(", ", claim.Experiments)}[/]")),
                new Markup(Coloured(claim.Verdict!.Value)),
                new Rows(claim.Findings.Select(static finding => new Text(finding.Why))));
        }
        table.ShowRowSeparators();
        screen.Out.Write(table);
        if (lab.Machine.Warning() is { } warning)
            screen.Out.MarkupLineInterpolated($"[yellow]{warning}[/]");
    }

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

    public static void Write(Screen screen, TextTable text)
    {
        Table table = screen.Table([.. text.Columns]);
        if (text.Title.Length > 0)
            screen.Out.WriteLine(text.Title);
        foreach (IReadOnlyList<string> row in text.Rows)
            table.AddRow([.. row.Select(static cell => new Text(cell))]);
        screen.Out.Write(table);
    }

    private static string Coloured(Verdict verdict) => verdict switch
    {
        Verdict.Holds => $"[green]{verdict.Text()}[/]",
        Verdict.Depends => $"[yellow]{verdict.Text()}[/]",
        _ => $"[red]{verdict.Text()}[/]",
    };
}
