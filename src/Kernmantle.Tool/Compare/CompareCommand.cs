using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Compare.Places;
using Kernmantle.Tool.Compare.Python;
using Kernmantle.Tool.Lab;
using Kernmantle.Tool.Lab.Cache;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary><c>kern compare</c>: the user's own function in every place.</summary>
internal static class CompareCommand
{
    private const string Notes = """
        Examples:
          kern compare bin/Release/net10.0/App.dll App.Reader.Read --files 'data/**/*.json'
          kern compare src/App App.Prices.Quote --lines symbols.txt --workers 8
          kern compare App.csproj 'Reader.Read(string)' --lines names.txt --json out.json --html out.html
          kern compare mine.py:parse --files 'data/*.csv'

        The method is static, and takes nothing or one argument: text, a number, a FileInfo, or what --json-lines makes. It may be asynchronous.
        Each place is a process of its own: sequential, threads, processes, under a global lock, and on an event loop if it is asynchronous.
        What the method prints goes to the log (--verbose shows it).

        Exit codes: 0 all places ran and agree; 1 one ended the program, did not end, failed or gave other results; 2 wrong use; 130 interrupted.
        """;

    private static readonly Argument<string?> Subject = new("subject") { Description = "An assembly, a project, a folder with one project, or script.py:function.", HelpName = "assembly|project|script.py:function", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string?> Method = new("method") { Description = "Type.Method, or Type.Method(int) to choose an overload.", HelpName = "Type.Method", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Lines = new("--lines") { Description = "One call per line of this file.", HelpName = "file" };
    private static readonly Option<string[]> Files = new("--files") { Description = "One call per file: names and patterns ('*', '**'), in quotes.", HelpName = "glob", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> JsonLines = new("--json-lines") { Description = "One call per line of this file, which is a JSON value.", HelpName = "file.jsonl" };
    private static readonly Option<int> Calls = new("--calls") { Description = "Calls of a method without argument in a round.", HelpName = "n", DefaultValueFactory = static _ => 8, CustomParser = static result => Numbers.Whole(result, 1, 10_000_000) };
    private static readonly Option<int> Workers = new("--workers") { Description = "Threads, and processes; the processor count by default.", HelpName = "n", DefaultValueFactory = static _ => Environment.ProcessorCount, CustomParser = static result => Numbers.Whole(result, 1, 1000) };
    private static readonly Option<int?> RoundCount = new("--rounds") { Description = $"Measured rounds; {Rounds.UsualRounds} by default, fewer (at least {Rounds.LeastRounds}) if they take longer than a minute.", HelpName = "n", CustomParser = static result => Numbers.Whole(result, Rounds.LeastRounds, 1000, ": fewer rounds say nothing of a spread") };
    private static readonly Option<double> Timeout = new("--timeout") { Description = "How long a round may take in one place, in seconds.", HelpName = "s", DefaultValueFactory = static _ => 30, CustomParser = Numbers.Seconds };
    private static readonly Option<string?> Interpreter = new("--python") { Description = "The interpreter of a script; python3 by default.", HelpName = "path" };
    private static readonly Option<string[]> Json = new("--json") { Description = "Write the figures as JSON; - for standard output. A file that ends in .jsonl is taken as --json-lines.", HelpName = "file" };
    private static readonly Option<string?> Html = new("--html") { Description = "Write one page with plots that needs no network.", HelpName = "file" };

    private static readonly Option<bool> Schema = new("--schema") { Description = "Write the JSON Schema of --json to standard output, and run nothing." };

    public static Command Create()
    {
        ToolCommand command = new("compare", "Runs your own function in every place and says which one it needs.", Notes)
        {
            Subject, Method, Lines, Files, JsonLines, Calls, Workers, RoundCount, Timeout, Interpreter, Json, Html, Schema,
        };
        command.Runs(static (parsed, session) =>
        {
            if (!parsed.GetValue(Schema))
                return RunAsync(session, parsed);
            Console.Out.Write(CompareReport.Schema());
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static async Task<int> RunAsync(ToolSession session, ParseResult parsed)
    {
        string subject = parsed.GetValue(Subject) ?? throw new ToolException("Nothing is named that could be compared.", "Write 'kern compare App.dll Type.Method', or 'kern compare script.py:function'.");
        if (!OperatingSystem.IsLinux())
            throw new ToolException("The figures come from /proc: this runs on Linux only.", "Run it in a Linux container or virtual machine.");
        ILookup<bool, string> jsons = (parsed.GetValue(Json) ?? []).ToLookup(static file => file.EndsWith(".jsonl", StringComparison.Ordinal));
        string? json = jsons[false].LastOrDefault(), jsonLines = parsed.GetValue(JsonLines) ?? jsons[true].LastOrDefault();
        OutputFile? jsonFile = OutputFile.Check(json), htmlFile = OutputFile.Check(parsed.GetValue(Html));
        Inputs inputs = Inputs.Of(parsed.GetValue(Lines), parsed.GetValue(Files) ?? [], jsonLines, parsed.GetValue(Calls));
        string source = inputs.Kind == InputKind.None ? "no argument" : Inputs.OptionOf(inputs.Kind);
        Machine machine = Machine.Here(CacheSources.Here());
        DateTimeOffset started = DateTimeOffset.UtcNow;
        long begin = Stopwatch.GetTimestamp();
        TimeSpan timeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout));
        int workers = parsed.GetValue(Workers);

        Comparable comparable = PythonFunction.IsNamedBy(subject)
            ? PythonFunction.Prepare(subject, parsed.GetValue(Method), inputs, workers, timeout, parsed.GetValue(Interpreter), session.Loggers)
            : await PrepareAsync(session, subject, parsed.GetValue(Method), inputs, workers, timeout, parsed.GetValue(Interpreter));
        await using (comparable)
        {
            IReadOnlyList<PlaceMeasured> places = await LiveProgress.RunAsync(
                session.Screen,
                "compare",
                report => new Rounds(comparable.Places, parsed.GetValue(RoundCount), report).RunAsync(inputs.Name, session.Stopping));
            CompareResult result = new(
                CompareResult.CurrentSchema,
                LabCommand.Version,
                started,
                Stopwatch.GetElapsedTime(begin).TotalSeconds,
                machine,
                new(comparable.Function, source, inputs.Count, workers),
                places,
                Recommendation.For(places, inputs.Count),
                comparable.Notes);
            if (json != OutputFile.StandardOutput)
                CompareReport.Write(session.Screen, result);
            jsonFile?.Write(CompareReport.Json(result));
            htmlFile?.Write(HtmlReport.Write(
                new(LabResult.CurrentSchema, result.Version, started, result.Seconds, machine, [CompareReport.AsExperiment(result)], []), "kern compare", comparable.Function));
            return places.All(static place => place is { End: PlaceEnd.Ran, Failures: 0, Results: not Agreement.Differ }) ? ExitCodes.Success : ExitCodes.Incomplete;
        }
    }

    private static async Task<Comparable> PrepareAsync(ToolSession session, string subject, string? named, Inputs inputs, int workers, TimeSpan timeout, string? interpreter)
    {
        if (interpreter is not null)
            throw new ToolException("--python names the interpreter of a script, and this is none.", "Leave it out.");
        if (named is null)
            throw new ToolException("No method is named.", "Write 'kern compare App.dll Type.Method', or 'kern compare script.py:function'.");
        string path = await SubjectFile.ResolveAsync(subject, project => session.Screen.Complain(string.Create(CultureInfo.InvariantCulture, $"building {project}")), session.Stopping);
        MethodInfo method = MethodChoice.For(MethodFinder.Find(MethodFinder.Load(path), named), inputs.Kind);
        bool isAsynchronous = Invocation.Of(method).IsAsynchronous;
        Place[] places = [Place.Sequential, Place.Threads, Place.Processes, Place.GlobalLock, .. isAsynchronous ? (Place[])[Place.EventLoop] : []];
        return new(
            TypeNames.Text(method),
            [.. places.Select(place => new DotnetPlace(new(path, method.MetadataToken, inputs, place, workers), timeout, session.Loggers))],
            isAsynchronous ? [] : ["Not on an event loop: the method is not asynchronous."]);
    }
}

/// <summary>A function with the places it is compared in.</summary>
/// <param name="Files">What they need on disk; removed after them.</param>
internal sealed record Comparable(string Function, IReadOnlyList<IPlace> Places, IReadOnlyList<string> Notes, IDisposable? Files = null) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (IPlace place in Places)
            await place.DisposeAsync();
        Files?.Dispose();
    }
}
