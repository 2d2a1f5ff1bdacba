using Kernmantle.Tool.Output;
using Spectre.Console;

namespace Kernmantle.Tool.Lab.Report;

/// <summary>A line on standard error that says what is measured now, while that is a terminal; nothing at all where it is redirected.</summary>
internal static class LiveProgress
{
    /// <summary>Room for a step's name beside the bar in 80 columns.</summary>
    private const int StepWidth = 34;

    /// <param name="work">Gets a function that takes the step's name and the part that is done, from 0 to 1.</param>
    public static Task<T> RunAsync<T>(Screen screen, string title, Func<Action<string, double>, Task<T>> work)
    {
        if (!screen.IsLive)
            return work(static (_, _) => { });
        return screen.Error.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 }, new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(title), autoStart: true, maxValue: 1);
                return work((step, done) =>
                {
                    string shown = step.Length > StepWidth ? step[..(StepWidth - 1)] + "…" : step.PadRight(StepWidth);
                    bar.Description = $"{Markup.Escape(title)} [dim]{Markup.Escape(shown)}[/]";
                    bar.Value = done;
                });
            });
    }
}
