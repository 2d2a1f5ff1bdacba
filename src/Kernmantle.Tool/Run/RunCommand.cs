using System.CommandLine;
using System.Globalization;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Run;

/// <summary><c>kern run</c>: one method or script in one isolated worker, its log, and how it ended.</summary>
internal static class RunCommand
{
    private const string Notes = """
        Examples:
          kern run App.dll App.Jobs.Nightly
          kern run src/App App.Jobs.Import data.csv 100 --timeout 60
          kern run App.dll App.Jobs.Import --memory 512M -- --not-an-option
          kern run report.py --year 2026

        The log of the worker goes to standard error, the record of its end to standard output.
        Options of kern come before the script's first word, or after the method's arguments; what follows -- is never one.

        Exit codes: 0 completed; 1 failed (an exception, an exit code other than 0); 2 wrong use; 3 memory limit; 4 CPU limit; 5 crashed;
        6 killed; 7 lost; 8 limit of processes and threads; 9 limit of open files; 10 output limit; 124 timed out; 130 interrupted.
        """;

    private static readonly Argument<string> Subject = new("subject") { Description = "An assembly, a project, a folder with one project, or a Python script.", HelpName = "assembly|project|script.py" };
    private static readonly Argument<string[]> Words = new("words") { Description = "Type.Method and its arguments; the arguments of a script.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<double?> Timeout = new("--timeout") { Description = "Kill it after so many seconds.", HelpName = "s", CustomParser = static result => Numbers.Seconds(result) };
    private static readonly Option<string?> Memory = new("--memory") { Description = "The most memory: the managed heap of .NET, the address space of Python. A number of bytes, or with K, M, G.", HelpName = "bytes" };
    private static readonly Option<double?> Cpu = new("--cpu") { Description = "Kill a method's worker after so many seconds of processor time.", HelpName = "s", CustomParser = static result => Numbers.Seconds(result) };
    private static readonly Option<string?> Interpreter = new("--python") { Description = "The interpreter of a script; python3 by default.", HelpName = "path" };

    public static Command Create()
    {
        Memory.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !(Bytes(text) >= ProcessPoolOptions.MinManagedHeapLimitBytes))
                result.AddError($"--memory must be 4M or more (a number, or one with K, M or G), not '{text}'.");
        });
        ToolCommand command = new("run", "Runs one method or script in an isolated worker and says how it ended.", Notes) { Subject, Words, Timeout, Cpu, Memory, Interpreter };
        command.Runs(static (parsed, session) => RunAsync(session, parsed));
        return command;
    }

    /// <summary>Null for what is no size.</summary>
    internal static long? Bytes(string text)
    {
        int shift = text is [.., 'K' or 'k'] ? 10 : text is [.., 'M' or 'm'] ? 20 : text is [.., 'G' or 'g'] ? 30 : 0;
        return long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue >> shift ? number << shift : null;
    }

    private static TimeSpan? Seconds(double? number) => number is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static async Task<int> RunAsync(ToolSession session, ParseResult parsed)
    {
        string subject = parsed.GetValue(Subject)!;
        string[] words = parsed.GetValue(Words) ?? [];
        TimeSpan? timeout = Seconds(parsed.GetValue(Timeout));
        TimeSpan? cpu = Seconds(parsed.GetValue(Cpu));
        long? memory = parsed.GetValue(Memory) is { } text ? Bytes(text) : null;
        if (subject.EndsWith(".py", StringComparison.Ordinal))
        {
            if (!File.Exists(subject))
                throw new ToolException($"There is no file '{subject}'.", "Name a Python script, or an assembly and a method.");
            if (cpu is not null)
                throw new ToolException("--cpu limits methods of .NET, not scripts.", "Limit a script's time by --timeout.");
            return (await ScriptRun.RunAsync(subject, words, timeout, memory, parsed.GetValue(Interpreter), null, session.Stopping)).Write(session.Screen);
        }
        if (parsed.GetValue(Interpreter) is not null)
            throw new ToolException("--python names the interpreter of a script, and this is none.", "Leave it out.");
        if (words.Length == 0)
            throw new ToolException("No method is named.", "Write 'kern run App.dll Type.Method'.");
        string assembly = await SubjectFile.ResolveAsync(subject, project => session.Screen.Complain($"building {project}"), session.Stopping);
        ProcessWorkerOptions options = new() { Timeout = timeout, ManagedHeapLimitBytes = memory, Limits = cpu is null ? null : new() { CpuTime = cpu } };
        return (await MethodRun.RunAsync(assembly, words[0], words[1..], options, session.Stopping)).Write(session.Screen);
    }
}
