using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SharedBySamples;

/// <summary>What the samples' command lines have in common: wrong use is one line on standard error, and exit code 2.</summary>
internal static class CommandLine
{
    private const int MostWorkers = 1000;

    /// <param name="ownSignals">The program handles Ctrl-C itself, so that its exit code can tell which signal it was; else its token is cancelled.</param>
    public static async Task<int> RunAsync(this RootCommand command, string[] arguments, bool ownSignals = false)
    {
        // An argument that begins with @ means itself: the parser would otherwise read a file of that name, and take its words for arguments.
        ParseResult parsed = command.Parse(arguments, new() { ResponseFileTokenReplacer = null });
        if (parsed.Errors is [var error, ..])
            return WrongUse(error.Message);
        InvocationConfiguration configuration = new();
        if (ownSignals)
            configuration.ProcessTerminationTimeout = null;
        return await parsed.InvokeAsync(configuration);
    }

    /// <summary>Tells what is wrong in one line, whatever is in the message.</summary>
    /// <returns>2</returns>
    public static int WrongUse(string message)
    {
        string line = string.Concat(message.ReplaceLineEndings(" ").Select(static letter => char.IsControl(letter) ? ' ' : letter));
        Console.Error.WriteLine($"{typeof(CommandLine).Assembly.GetName().Name}: {line}");
        return 2;
    }

    /// <summary>A message of the library about an interpreter, for somebody who names it by <c>--python</c>.</summary>
    public static string NamedInterpreter(string message) => message.Replace("PythonPoolOptions.Interpreter", "--python", StringComparison.Ordinal);

    /// <summary>The parser of a number of workers.</summary>
    public static int Workers(ArgumentResult result)
    {
        string text = result.Tokens is [.., var last] ? last.Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostWorkers)
            return count;
        result.AddError($"--workers must be a whole number from 1 to {MostWorkers}, not '{text}'.");
        return 0;
    }
}
