using Kernmantle.Tool.Output;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kernmantle.Tool.Cli;

/// <summary>What a running command has: where it writes, whether it shall stop, and where its workers' records go.</summary>
/// <param name="Screen">Standard output and standard error.</param>
/// <param name="Verbose">Show workers' records and stacks.</param>
/// <param name="Stopping">Cancelled by Ctrl-C and by a request to terminate.</param>
internal sealed record ToolSession(Screen Screen, bool Verbose, CancellationToken Stopping)
{
    /// <summary>
    /// For pools. What crashing workers write is part of their failures; without <c>--verbose</c> it would only tear the tables.
    /// Null is the library's own log on standard error.
    /// </summary>
    public ILoggerFactory? Loggers => Verbose ? null : NullLoggerFactory.Instance;

    /// <summary>Runs a command's body: a failure becomes one line with its remedy, an interrupt the shell's exit code.</summary>
    public static async Task<int> RunAsync(bool verbose, Func<ToolSession, Task<int>> body)
    {
        using Interrupts interrupts = new();
        Screen screen = Screen.Create();
        try
        {
            return await body(new(screen, verbose, interrupts.Token));
        }
        catch (Exception) when (interrupts.ExitCode != 0)
        {
            screen.Complain("interrupted.");
            return interrupts.ExitCode;
        }
        catch (ToolException e)
        {
            screen.Complain(verbose ? e.ToString() : OneLine.Of(e.Message));
            return e.ExitCode;
        }
        catch (Exception e)
        {
            screen.Complain(verbose ? e.ToString() : $"{e.GetType().Name}: {OneLine.Of(e.Message.Split('\n', 2)[0])} This is a mistake in kern; --verbose shows where.");
            return ExitCodes.Unexpected;
        }
    }
}
