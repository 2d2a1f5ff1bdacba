using System.CommandLine;
using System.Text;
using Kernmantle.Tool.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
ParseResult parsed = KernCommand.Create().Parse(args);
if (parsed.Errors is [var error, ..])
{
    await Console.Error.WriteLineAsync($"kern: {error.Message} See 'kern {KernCommand.PathOf(parsed)}--help'.");
    return ExitCodes.WrongUse;
}
// Signals are handled by the command itself: workers and temporary files go first, and the exit code names the signal.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
