using System.Text;
using AssemblySurvey;
using AssemblySurvey.Discovery;
using AssemblySurvey.Report;
using SharedBySamples;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await SurveyCommand.Create(RunAsync).RunAsync(args, ownSignals: true);

static async Task<int> RunAsync(SurveyOptions options)
{
    if (options is { Hostile: true, InProcesses: false })
        return CommandLine.WrongUse("--hostile needs --place process: on a thread, a stack overflow ends the whole program and an endless loop cannot be stopped.");
    if (options.Root is "")
        return CommandLine.WrongUse("--root needs the name of a folder.");
    string root = Path.GetFullPath(options.Root ?? AssemblyFolders.InstalledFrameworks());
    if (!Directory.Exists(root))
        return CommandLine.WrongUse($"there is no folder {root}.");
    FoundFiles found = AssemblyFolders.Find(root, options.Root is null ? AssemblyFolders.FrameworkGroup : AssemblyFolders.OwnFolderGroup);
    if (found.Items.Count == 0)
        return CommandLine.WrongUse($"no *.dll or *.exe file below {root}.");

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
        return CommandLine.WrongUse(e.Message);
    }
}
