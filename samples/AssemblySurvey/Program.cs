using System.CommandLine;
using System.Text;
using AssemblySurvey;
using AssemblySurvey.Discovery;
using AssemblySurvey.Report;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
ParseResult parsed = SurveyCommand.Create(RunAsync).Parse(args);
if (parsed.Errors is [var error, ..])
    return WrongUse(error.Message);
// The program's own handling of signals, so that the exit code tells which one it was.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null });

static async Task<int> RunAsync(SurveyOptions options)
{
    if (options is { Hostile: true, InProcesses: false })
        return WrongUse("--hostile needs --place process: on a thread, a stack overflow ends the whole program and an endless loop cannot be stopped.");
    string root = Path.GetFullPath(options.Root ?? AssemblyFolders.InstalledFrameworks());
    if (!Directory.Exists(root))
        return WrongUse($"there is no folder {root}.");
    FoundFiles found = AssemblyFolders.Find(root, options.Root is null ? AssemblyFolders.FrameworkGroup : AssemblyFolders.OwnFolderGroup);
    if (found.Items.Count == 0)
        return WrongUse($"no *.dll or *.exe file below {root}.");

    using Interrupts interrupts = new();
    try
    {
        SurveyResult result = await SurveyRun.RunAsync(options, found, interrupts.Token);
        if (options.Json)
            JsonReport.Write(result, Console.OpenStandardOutput());
        else
            TableReport.Write(result);
        return result.IsComplete ? 0 : 1;
    }
    catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
    {
        Console.Error.WriteLine("Interrupted.");
        return interrupts.ExitCode;
    }
    catch (PlatformNotSupportedException e)
    {
        return WrongUse(e.Message);
    }
}

static int WrongUse(string message)
{
    Console.Error.WriteLine($"AssemblySurvey: {message}");
    return 2;
}
