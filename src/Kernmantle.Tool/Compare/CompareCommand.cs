using System.CommandLine;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary><c>kern compare</c>: the user's own function in every place.</summary>
internal static class CompareCommand
{
    private const string Notes = """
        Examples:
          kern compare app.dll Parser.Read --files 'data/*.bin'       once for each file
          kern compare src/App App.Work.Step --calls 1000             a project is built first
          kern compare app.dll Text.Count --lines words.txt --rounds 9
          kern compare script.py:parse --files 'data/*.json'          a Python function

        The method is static and takes nothing, or one value: a string, a FileInfo, a number, or what JSON can hold.
        Each place runs in a process of its own; what the function prints goes to the log (--verbose).

        Exit codes: 0 compared; 1 in some place it did not come to an end, or calls failed; 2 wrong use; 130 interrupted.
        """;

    private static readonly Argument<string> Subject = new("subject") { Description = "An assembly, a project, a folder with one, or script.py:function." };
    private static readonly Argument<string?> Method = new("method") { Description = "Type.Method.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Lines = new("--lines") { Description = "One call for each line of a file.", HelpName = "file" };
    private static readonly Option<string?> Files = new("--files") { Description = "One call for each file that matches; * and ? in its name, ** for folders.", HelpName = "pattern" };
    private static readonly Option<string?> Json = new("--json") { Description = "One call for each line of JSON.", HelpName = "file.jsonl" };
    private static readonly Option<int> Calls = new("--calls") { Description = "How many calls make a round, without inputs.", HelpName = "n", DefaultValueFactory = static _ => 100 };
    private static readonly Option<int> Workers = new("--workers") { Description = "How many threads, and processes.", HelpName = "n", DefaultValueFactory = static _ => Environment.ProcessorCount };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "How often each place is measured.", HelpName = "n", DefaultValueFactory = static _ => 5 };
    private static readonly Option<double> Timeout = new("--timeout") { Description = "The longest that a round may take, in seconds.", HelpName = "s", DefaultValueFactory = static _ => 60 };
    private static readonly Option<string?> Output = new("--output") { Description = "Write all figures as JSON; - for standard output.", HelpName = "file" };

    public static Command Create()
    {
        foreach (Option<int> count in (Option<int>[])[Calls, Workers, Rounds])
        {
            count.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{count.Name} must be 1 or more.");
            });
        }
        Timeout.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and < 1e6))
                result.AddError("--timeout must be more than 0 seconds.");
        });
        ToolCommand command = new("compare", "Runs your own function on threads, in processes, under a lock and on an event loop, and says which it needs.", Notes)
        {
            Subject, Method, Lines, Files, Json, Calls, Workers, Rounds, Timeout, Output,
        };
        command.Validators.Add(static result =>
        {
            if (new Option[] { Lines, Files, Json }.Count(option => result.GetResult(option) is not null) > 1)
                result.AddError("Give one of --lines, --files and --json.");
        });
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ToolSession session)
    {
        OutputFile? output = OutputFile.Check(parsed.GetValue(Output));
        string subject = parsed.GetValue(Subject)!;
        string? method = parsed.GetValue(Method);
        (string[]? inputs, InputKind kind) = Inputs.Read(parsed.GetValue(Lines), parsed.GetValue(Files), parsed.GetValue(Json));
        int workers = parsed.GetValue(Workers), rounds = parsed.GetValue(Rounds), calls = parsed.GetValue(Calls);
        TimeSpan timeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout));
        bool isScript = subject.Contains(".py:", StringComparison.Ordinal);
        if (method is null && !isScript)
            throw new ToolException("Which method?", "Write kern compare assembly Type.Method, or kern compare script.py:function.");
        IReadOnlyList<PlaceResult> places = await LiveProgress.RunAsync(session.Screen, "compare", async report =>
        {
            if (isScript)
                return await ScriptComparison.RunAsync(session, subject, inputs, calls, workers, rounds, timeout, report);
            string assembly = await SubjectFile.FindAsync(subject, session.Stopping);
            return await MethodComparison.RunAsync(session, new(assembly, method!, inputs ?? [], kind, calls), workers, rounds, timeout, report);
        });
        string name = method ?? subject;
        int count = inputs?.Length ?? calls;
        if (parsed.GetValue(Output) != OutputFile.StandardOutput)
            CompareReport.Write(session.Screen, name, count, places);
        output?.Write(CompareReport.ToJson(name, count, places));
        return places.All(static p => p.IsComplete) ? ExitCodes.Success : ExitCodes.Incomplete;
    }
}
