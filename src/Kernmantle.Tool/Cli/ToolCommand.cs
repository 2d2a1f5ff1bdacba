using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Kernmantle.Tool.Cli;

/// <summary>A command of <c>kern</c>: its help ends with examples, and it runs in a <see cref="ToolSession"/>.</summary>
/// <param name="notes">Examples and exit codes, shown below the options.</param>
internal sealed class ToolCommand(string name, string description, string notes) : Command(name, description)
{
    public string Notes => notes;

    public void Runs(Func<ParseResult, ToolSession, Task<int>> body) =>
        SetAction((parsed, _) => ToolSession.RunAsync(parsed.GetValue(KernCommand.Verbose), session => body(parsed, session)));
}

/// <summary>The library's help, and the command's notes below it.</summary>
internal sealed class HelpWithNotes(HelpAction help, string rootNotes) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        string notes = parseResult.CommandResult.Command is ToolCommand command ? command.Notes : rootNotes;
        parseResult.InvocationConfiguration.Output.WriteLine(notes);
        return code;
    }

    public override bool ClearsParseErrors => true;
}
