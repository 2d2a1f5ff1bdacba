using System.CommandLine;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Lab;

/// <summary><c>kern lab</c>: claims about threads and processes, measured here and now.</summary>
internal static class LabCommand
{
    private const string Notes = """
        Examples:
          kern lab                              all of them
          kern lab memory gil                   two of them
        """;

    private static readonly Argument<string[]> Names = new("experiments") { Description = "Which; all when none is named.", Arity = ArgumentArity.ZeroOrMore };

    public static Command Create()
    {
        ToolCommand command = new("lab", "Runs experiments and says which claims about threads and processes hold on this machine.", Notes) { Names };
        command.Runs(static (parsed, session) =>
        {
            session.Screen.Line($"{Environment.ProcessorCount} processors");
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
