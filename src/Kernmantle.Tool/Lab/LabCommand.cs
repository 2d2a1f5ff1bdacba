using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Cache;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Output;

namespace Kernmantle.Tool.Lab;

/// <summary><c>kern lab</c>: claims about threads and processes, measured here and now.</summary>
internal static class LabCommand
{
    private static readonly string Notes = $"""
        Experiments: {string.Join(", ", ExperimentList.All.Select(static experiment => experiment.Name))}.

        Examples:
          kern lab                                          all of them
          kern lab memory gil                               two of them
          kern lab --json lab.json --html report.html       all, for programs and as a page with plots
          kern lab ipc --json -                             one, as JSON on standard output
          taskset -c 0 kern lab single gil                  what is left of it on one core

        Exit codes: 0 every experiment that this machine permits was run, whatever it found; 1 one failed; 2 wrong use; 130 interrupted.
        """;

    private static readonly Argument<string[]> Names = new("experiments")
    {
        Description = "Which; all when none is named.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> Json = new("--json") { Description = "Write figures, verdicts and plots as JSON; - for standard output.", HelpName = "file" };
    private static readonly Option<string> Html = new("--html") { Description = "Write one page with plots that needs no network.", HelpName = "file" };

    private static readonly Option<bool> Schema = new("--schema") { Description = "Write the JSON Schema of --json to standard output, and run nothing." };

    public static Command Create()
    {
        Names.Validators.Add(static result =>
        {
            foreach (string name in result.Tokens.Select(static token => token.Value))
            {
                if (ExperimentList.All.All(experiment => experiment.Name != name))
                    result.AddError($"There is no experiment '{name}': there are {string.Join(", ", ExperimentList.All.Select(static experiment => experiment.Name))}.");
            }
        });
        ToolCommand command = new("lab", "Runs experiments and says which claims about threads and processes hold on this machine.", Notes) { Names, Json, Html, Schema };
        command.Runs(static (parsed, session) =>
        {
            if (!parsed.GetValue(Schema))
                return RunAsync(session, parsed.GetValue(Names) ?? [], parsed.GetValue(Json), parsed.GetValue(Html));
            Console.Out.Write(JsonReport.Schema());
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }

    private static async Task<int> RunAsync(ToolSession session, string[] names, string? json, string? html)
    {
        if (!OperatingSystem.IsLinux())
            throw new ToolException("The experiments look into the system through /proc, and run on Linux only.", "Run them in a Linux container or virtual machine.");
        OutputFile? jsonFile = OutputFile.Check(json), htmlFile = OutputFile.Check(html);
        bool quiet = json == OutputFile.StandardOutput;
        Experiment[] chosen = [.. ExperimentList.All.Where(experiment => names.Length == 0 || names.Contains(experiment.Name))];
        Machine machine = Machine.Here(CacheSources.Here());   // its load before ours
        DateTimeOffset started = DateTimeOffset.UtcNow;
        long begin = Stopwatch.GetTimestamp();
        List<ExperimentResult> results = [];
        foreach (Experiment experiment in chosen)
        {
            ExperimentResult result = await LiveProgress.RunAsync(
                session.Screen,
                $"{results.Count + 1}/{chosen.Length} {experiment.Name}",
                report => LabRun.RunAsync(experiment, new(machine, session.Loggers, report, session.Stopping)));
            results.Add(result);
            if (!quiet)
                TerminalReport.Write(session.Screen, result);
        }
        LabResult lab = new(
            LabResult.CurrentSchema, Version, started, Stopwatch.GetElapsedTime(begin).TotalSeconds, machine, results, LabRun.Judge(results));
        if (!quiet)
            TerminalReport.Write(session.Screen, lab);
        jsonFile?.Write(JsonReport.Write(lab));
        htmlFile?.Write(HtmlReport.Write(lab));
        return results.All(static result => result.Failure is null) ? ExitCodes.Success : ExitCodes.Incomplete;
    }

    /// <summary>The tool's version.</summary>
    public static string Version =>
        typeof(LabCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
