using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Lab.Join;

/// <summary>
/// A program with one worker, as a hidden command: how a program ends while its worker still runs is seen only from outside. The lines it
/// writes are what <see cref="JoinExperiment"/> reads.
/// </summary>
internal static class ChildProgram
{
    public const string Name = "child-program";
    public const string Argument = "Alpha";

    public static string Begins => $"worker {Argument} begins";

    public static string IsDone => $"worker {Argument} is done";

    public const string MainIsDone = "main is done";

    private static readonly Option<bool> InProcess = new("--process"), NoJoin = new("--no-join"), Background = new("--background");
    private static readonly Option<double> Pause = new("--pause");

    public static Command Create()
    {
        Command command = new(Name) { InProcess, NoJoin, Background, Pause };
        command.Hidden = true;
        command.SetAction(static parsed => Run(parsed.GetValue(InProcess), !parsed.GetValue(NoJoin), parsed.GetValue(Background), parsed.GetValue(Pause)));
        return command;
    }

    public static string[] Arguments(bool inProcess, bool join, bool background, TimeSpan pause) =>
    [
        Name,
        .. inProcess ? (string[])["--process"] : [],
        .. join ? (string[])[] : ["--no-join"],
        .. background ? (string[])["--background"] : [],
        "--pause", pause.TotalSeconds.ToString(CultureInfo.InvariantCulture),
    ];

    private static void Run(bool inProcess, bool join, bool background, double pause)
    {
        // Not disposed of: without join the worker still writes when this method is done.
        ILoggerFactory loggers = KernmantleLog.CreateConsole();
        Worker worker = inProcess
            ? Worker.OnProcess("child", Work, (Argument, pause), new() { Background = background, LoggerFactory = loggers })
            : Worker.OnThread("child", Work, (Argument, pause), new() { Background = background, LoggerFactory = loggers });
        worker.Start();
        if (join)
            worker.Join().ThrowIfFailed();
        loggers.CreateLogger("main").LogInformation(MainIsDone);
    }

    private static void Work((string Name, double Pause) given)
    {
        (string name, double pause) = given;
        WorkerContext context = WorkerContext.Current!;
        context.Logger.LogInformation("worker {Name} begins", name);
        context.StoppingToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(pause));
        context.Logger.LogInformation("worker {Name} is done", name);
    }
}
