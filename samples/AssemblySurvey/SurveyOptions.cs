using System.CommandLine;
using SharedBySamples;

namespace AssemblySurvey;

/// <summary>What the command line asked for.</summary>
/// <param name="Root">Null for the installed shared frameworks.</param>
/// <param name="InProcesses">Processes, or threads.</param>
/// <param name="Workers">0 for the processor count.</param>
internal sealed record SurveyOptions(string? Root, bool InProcesses, int Workers, bool Hostile, bool Json, bool Verbose);

/// <summary>The command line of the survey.</summary>
internal static class SurveyCommand
{
    private const string Description = """
        Surveys every managed assembly of the installed .NET shared frameworks, in worker processes.

        Examples:
          AssemblySurvey                          the installed frameworks, as a table
          AssemblySurvey --hostile                and files that crash, hang and exhaust their reader
          AssemblySurvey --root ./bin --json      any folder, as JSON
          AssemblySurvey --place thread           the same work on threads

        Exit codes: 0 every file was read; 1 some could not be; 2 wrong use; 130 interrupted.
        """;

    private static readonly Option<string?> Root = new("--root") { Description = "Survey the *.dll and *.exe files below this folder instead.", HelpName = "folder" };
    private static readonly Option<string> Place = new("--place")
    {
        Description = "Where the files are read: process or thread.",
        HelpName = "process|thread",
        DefaultValueFactory = static _ => "process",
    };
    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "How many workers; the processor count by default.",
        HelpName = "n",
        CustomParser = CommandLine.Workers,
    };
    private static readonly Option<bool> Hostile = new("--hostile") { Description = "Add generated files that do damage when they are read." };
    private static readonly Option<bool> Json = new("--json") { Description = "Write JSON; the same input gives the same text." };
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Show what the workers write and what becomes of them, on standard error." };

    public static RootCommand Create(Func<SurveyOptions, Task<int>> run)
    {
        Place.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is var place and not ("process" or "thread"))
                result.AddError($"--place must be process or thread, not '{place}'.");
        });
        RootCommand command = new(Description) { Root, Place, Workers, Hostile, Json, Verbose };
        command.SetAction(parsed => run(new(
            parsed.GetValue(Root),
            parsed.GetValue(Place) == "process",
            parsed.GetValue(Workers),
            parsed.GetValue(Hostile),
            parsed.GetValue(Json),
            parsed.GetValue(Verbose))));
        return command;
    }
}
