using Spectre.Console;

namespace Kernmantle.Tool.Output;

/// <summary>Standard output for results, standard error for progress and complaints.</summary>
/// <param name="Out">Results: tables and text. Plain, unwrapped and without colour where redirected.</param>
/// <param name="Error">Progress.</param>
/// <param name="IsLive">Standard error is a terminal: progress may be drawn and drawn over.</param>
internal sealed record Screen(IAnsiConsole Out, IAnsiConsole Error, bool IsLive)
{
    /// <summary>A line of a file needs no wrapping.</summary>
    private const int RedirectedWidth = 4096;

    public static Screen Create()
    {
        // NO_COLOR (no-color.org) is honoured by the console library itself.
        IAnsiConsole output = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Out), Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        if (Console.IsOutputRedirected)
            output.Profile.Width = RedirectedWidth;
        IAnsiConsole error = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error), Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        return new(output, error, !Console.IsErrorRedirected);
    }

    /// <summary>It goes to a file or a pipe.</summary>
    public bool IsPlain => Out.Profile.Width >= RedirectedWidth;

    /// <summary>One line on standard error, with the program's name.</summary>
    public void Complain(string message) => Error.Profile.Out.Writer.WriteLine($"kern: {message}");

    /// <summary>A line of plain text on standard output.</summary>
    public void Line(string text = "") => Out.WriteLine(text);
}
