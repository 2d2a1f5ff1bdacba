using System.CommandLine;
using System.Text;
using Kernmantle.Tool.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
ParseResult parsed = KernCommand.Parse(args);
if (KernCommand.Mistake(parsed, args) is { } mistake)
{
    await Console.Error.WriteLineAsync($"kern: {OneLine.Of(mistake)} See 'kern {KernCommand.PathOf(parsed)}--help'.");
    return ExitCodes.WrongUse;
}
// Signals are handled by the command itself: workers and temporary files go first, and the exit code names the signal.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
