using Spectre.Console;

namespace AssemblySurvey.Report;

/// <summary>A progress bar on standard error while that is a terminal; nothing at all where it is redirected.</summary>
internal static class ProgressDisplay
{
    public static Task<T> RunAsync<T>(int total, Func<Action, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return work(static () => { });
        IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask("Reading assemblies", autoStart: true, maxValue: total);
                return work(() => bar.Increment(1));
            });
    }
}
