using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Kernmantle.Tool.Compare;
using Kernmantle.Tool.Lab;
using Kernmantle.Tool.Lab.Join;
using Kernmantle.Tool.Run;
using Kernmantle.Tool.Top;
using Kernmantle.Tool.Tune;

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
          kern top                              the pools of a running program, live
          kern tune                             what process pools find out about this machine

        Exit codes: 0 done; 1 a part failed; 2 wrong use; 70 a mistake in kern; 130 interrupted; 143 terminated.
        Colours: none with NO_COLOR set or where the output is redirected.
        """;

    /// <summary>Accepted by every command.</summary>
    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show what workers write, and the stack of an error, on standard error.",
        Recursive = true,
    };

    /// <summary>
    /// An argument that begins with @ is what it says. The parser would otherwise read a file of that name, and take its words for arguments.
    /// </summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments) => Create().Parse(arguments, new() { ResponseFileTokenReplacer = null });

    public static RootCommand Create()
    {
        RootCommand root = new("Measures what threads, processes, event loops and a global lock do on this machine.")
        {
            Verbose,
            LabCommand.Create(),
            CompareCommand.Create(),
            RunCommand.Create(),
            TopCommand.Create(),
            TuneCommand.Create(),
            ChildProgram.Create(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!, Notes);
        return root;
    }

    /// <summary>
    /// What is wrong with a command line, in words; null where nothing is. A switch that was given a value is found here, since the parser
    /// takes that value for an argument of its own.
    /// </summary>
    public static string? Mistake(ParseResult parsed, IEnumerable<string> arguments)
    {
        if (parsed.Errors is [var error, ..])
            return parsed is { UnmatchedTokens: [var unknown, ..], CommandResult.Command: RootCommand } ? $"There is no command '{unknown}'." : error.Message;
        HashSet<string> switches = [Verbose.Name, .. parsed.CommandResult.Command.Options.OfType<Option<bool>>().Select(static option => option.Name)];
        return arguments.TakeWhile(static argument => argument != "--")
            .Select(static argument => argument.Split('=', 2))
            .FirstOrDefault(parts => parts is [var name, var value] && switches.Contains(name) && !bool.TryParse(value, out _)) is { } wrong
            ? $"{wrong[0]} is a switch and takes no value, not '{wrong[1]}'."
            : null;
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
