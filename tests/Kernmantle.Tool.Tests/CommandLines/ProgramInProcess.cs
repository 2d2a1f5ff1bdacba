using System.Reflection;
using System.Text.RegularExpressions;

namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary>
/// A whole program, from its arguments to its exit code, in this process: a start costs too much for thousands of command lines. It writes
/// to the console of this process, so that the tests which use it have the process to themselves (<see cref="OwnConsole"/>).
/// </summary>
internal sealed partial class ProgramInProcess(string assembly)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly MethodInfo main = Assembly.Load(assembly).EntryPoint!;

    static ProgramInProcess() => Environment.SetEnvironmentVariable("PATH", Kern.SearchPath.Value);

    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        // Disposed of by nobody: what outlives a program that did not end may still write.
        StringWriter written = new(), complained = new();
        Console.SetOut(TextWriter.Synchronized(written));
        Console.SetError(TextWriter.Synchronized(complained));
        try
        {
            int code = await Task.Run(() => (int)main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!).WaitAsync(Deadline);
            return (code, written.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>The options in the help of a command, with what the help calls their values; null for those that take none.</summary>
    public async Task<IReadOnlyList<(string Option, string? Value)>> OptionsAsync(params string[] command)
    {
        (int code, string help, string error) = await RunAsync([.. command, "--help"]);
        Assert.Equal((0, ""), (code, error));
        return [.. OptionLine().Matches(help).Select(static match => (match.Groups[1].Value, match.Groups[2].Success ? match.Groups[2].Value : null))];
    }

    [GeneratedRegex(@"^ +(?:-\S+, )*(--(?!help|version)[\w-]+)(?: <(.+?)>)?(?:  |\r?$)", RegexOptions.Multiline)]
    private static partial Regex OptionLine();
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OwnConsole
{
    public const string Name = "has the console to itself";
}
