using System.Globalization;
using AssemblySurvey.Reading;
using Spectre.Console;

namespace AssemblySurvey.Report;

/// <summary>The survey as tables: drawn for a terminal, plain and unwrapped where standard output is redirected.</summary>
internal static class TableReport
{
    /// <summary>Wide enough for every method name: a line of a file needs no wrapping.</summary>
    private const int RedirectedWidth = 4096;

    public static void Write(SurveyResult result)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = RedirectedWidth;

        Section(console, "Assemblies", Totals(result));
        Section(console, "Largest methods", Largest(result));
        if (result.Hostile.Count > 0)
            Section(console, "Hostile files (not counted above)", Hostile(result));
        if (result.Unread.Any())
            Section(console, $"Files that could not be read: {Number(result.Unread.Count())}", Unread(result));
        if (result.NativeFiles > 0)
            console.WriteLine($"Native libraries skipped: {Number(result.NativeFiles)}");
        if (result.UnreadableFolders > 0)
            console.WriteLine($"Folders that could not be opened: {Number(result.UnreadableFolders)}");
    }

    private static void Section(IAnsiConsole console, string title, Table table)
    {
        console.WriteLine(title);
        table.Border = Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded;
        console.Write(table);
    }

    private static Table Totals(SurveyResult result)
    {
        Table table = new Table().AddColumn("Framework").AddColumns(Right("Assemblies"), Right("Types"), Right("Methods"), Right("IL bytes"));
        foreach (GroupTotals group in result.Groups)
            AddTotals(table, group);
        table.AddEmptyRow();
        AddTotals(table, result.Total);
        return table;
    }

    private static void AddTotals(Table table, GroupTotals totals) => table.AddRow(
        new Text(totals.Name), NumberText(totals.Assemblies), NumberText(totals.Types), NumberText(totals.Methods), NumberText(totals.IlBytes));

    private static Table Largest(SurveyResult result)
    {
        Table table = new Table().AddColumn("Framework").AddColumns(Right("IL bytes")).AddColumn("Method");
        foreach (GroupTotals group in result.Groups)
        {
            foreach (MethodSize method in group.Largest)
                table.AddRow(new Text(group.Name), NumberText(method.IlBytes), new Text(method.Name));
        }
        return table;
    }

    private static Table Hostile(SurveyResult result)
    {
        Table table = new Table().AddColumns("File", "What it is", "Outcome", "Reason");
        foreach (HostileOutcome hostile in result.Hostile)
        {
            (string outcome, string reason) = Describe(hostile.Outcome);
            table.AddRow(new Text(hostile.Item.Item.Name), new Text(hostile.Item.Description), new Text(outcome), new Text(reason));
        }
        return table;
    }

    private static Table Unread(SurveyResult result)
    {
        Table table = new Table().AddColumns("File", "Outcome", "Reason");
        foreach (Outcome outcome in result.Unread)
        {
            (string type, string reason) = Describe(outcome);
            table.AddRow(new Text(outcome.Item.Name), new Text(type), new Text(reason));
        }
        return table;
    }

    private static (string Outcome, string Reason) Describe(Outcome outcome) => outcome switch
    {
        { Failure: { } failure } => (failure.Type, failure.Reason),
        { Facts: { IsManaged: true } facts } => ("read", $"{Number(facts.Types)} types, {Number(facts.Methods)} methods"),
        _ => ("read", "looks like a native library"),
    };

    private static TableColumn Right(string header) => new TableColumn(header).RightAligned().NoWrap();

    private static Text NumberText(long value) => new(Number(value));

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
