using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Kernmantle.Tool.Compare;
using Kernmantle.Tool.Lab;
using Kernmantle.Tool.Lab.Join;
using Kernmantle.Tool.Run;

namespace Kernmantle.Tool.Cli;

/// <summary>The command line's root. Each command builds itself in its own folder.</summary>
internal static class KernCommand
{
    private const string Notes = """
        Examples:
          kern lab                              every claim, measured here and now
          kern lab gil single                   two experiments
          kern lab --html report.html           the same with plots, in one file
          kern compare App.dll Reader.Read --files 'data/*.csv'
                                                which place your own method needs
          kern compare mine.py:parse --lines names.txt
          kern run App.dll Jobs.Nightly         one method in an isolated worker, and how it ended

        Exit codes: 0 done; 1 a part failed; 2 wrong use; 70 a mistake in kern; 130 interrupted; 143 terminated.
        Colours: none with NO_COLOR set or where the output is redirected.
        """;

    /// <summary>Accepted by every command.</summary>
    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show what workers write, and the stack of an error, on standard error.",
        Recursive = true,
    };

    public static RootCommand Create()
    {
        RootCommand root = new("Measures what threads, processes, event loops and a global lock do on this machine.")
        {
            Verbose,
            LabCommand.Create(),
            CompareCommand.Create(),
            RunCommand.Create(),
            ChildProgram.Create(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!, Notes);
        return root;
    }

    /// <summary>The commands that were named, each with a blank after it.</summary>
    public static string PathOf(ParseResult parsed)
    {
        string path = "";
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
            path = $"{command.Command.Name} {path}";
        return path;
    }
}
