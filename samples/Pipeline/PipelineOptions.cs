using System.CommandLine;
using SharedBySamples;

namespace Pipeline;

/// <summary>What the command line asked for.</summary>
/// <param name="Root">Null for the installed .NET.</param>
/// <param name="Workers">How many processes parse.</param>
/// <param name="Kills">While it works, one of them is killed again and again.</param>
internal sealed record PipelineOptions(string? Root, int Workers, bool Kills);

/// <summary>The command line of the pipeline.</summary>
internal static class PipelineCommand
{
    private const string Description = """
        Finds the JSON and XML files of the installed .NET, parses them in worker processes, and counts what is in them: three stages, with channels between them.

        Examples:
          Pipeline                       the installed .NET
          Pipeline --killer              the same, and the same totals, while its processes are killed
          Pipeline --root . --workers 4  any folder

        Totals are written to standard output, everything else to standard error.
        Exit codes: 0 every file was counted; 2 wrong use.
        """;

    private static readonly Option<string?> Root = new("--root") { Description = "The files below this folder instead.", HelpName = "folder" };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "How many processes parse; two by default.",
        HelpName = "n",
        CustomParser = CommandLine.Workers,
        DefaultValueFactory = static _ => 2,
    };

    private static readonly Option<bool> Killer = new("--killer") { Description = "Kill one of the processes again and again." };

    public static RootCommand Create(Func<PipelineOptions, CancellationToken, Task<int>> run)
    {
        RootCommand command = new(Description) { Root, Workers, Killer };
        command.SetAction((parsed, token) => run(new(parsed.GetValue(Root), parsed.GetValue(Workers), parsed.GetValue(Killer)), token));
        return command;
    }
}
