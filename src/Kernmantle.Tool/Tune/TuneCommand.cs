using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kernmantle.Host.Tuning;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tune;

/// <summary><c>kern tune</c>: what a program's first process pool finds out about this machine, and what it chooses by that.</summary>
internal static class TuneCommand
{
    private const string Notes = """
        Examples:
          kern tune
          kern tune --json

        A program's first process pool measures the same in about a millisecond. ProcessPoolOptions.SpinBudget overrules it.
        """;

    private static readonly Option<bool> Json = new("--json") { Description = "As JSON: times in seconds, null for what could not be measured." };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        ToolCommand command = new("tune", "Says what process pools measure on this machine when they start, and what they choose by it.", Notes) { Json };
        command.Runs(static (parsed, session) => Task.FromResult(Run(session.Screen, parsed.GetValue(Json))));
        return command;
    }

    private static int Run(Screen screen, bool json)
    {
        MachineTiming timing = MachineTiming.Here;
        if (json)
        {
            screen.Line(JsonSerializer.Serialize(Figures(timing).ToDictionary(static figure => figure.Name, static figure => figure.Value), Indented));
            return 0;
        }
        TableWriter.Write(screen, new("", ["what", ">time", "by what"], [.. Figures(timing).Where(static figure => figure.Text is not null).Select(static figure => (string[])[figure.Text!, Show(figure.Value), figure.Why])]));
        foreach (string line in Remarks(timing))
            screen.Line(line);
        return 0;
    }

    /// <summary>All of them; those without a text are for programs only.</summary>
    private static IEnumerable<(string Name, double? Value, string? Text, string Why)> Figures(MachineTiming timing)
    {
        bool several = Environment.ProcessorCount > 1;
        yield return ("processors", Environment.ProcessorCount, null, "");
        yield return ("roundTrip", timing.RoundTrip > TimeSpan.Zero ? timing.RoundTrip.TotalSeconds : null, "a cache line to another processor and back", timing.RoundTrip > TimeSpan.Zero ? "measured" : "");
        yield return ("wakeUp", timing.WakeUp.TotalSeconds, "a thread that sleeps is woken", timing.IsMeasured ? "measured" : "assumed");
        yield return ("spinBudget", several ? timing.SpinBudget.TotalSeconds : 0, "who waits looks before it sleeps, at most", several ? "2.5 wake-ups, from 50 to 200 µs" : "one processor: looking would only keep the other side from running");
        yield return ("awakeFor", several ? timing.AwakeFor.TotalSeconds : 0, "RunAsync waits awake for an answer that is expected within", several ? "half a wake-up" : "");
    }

    private static IEnumerable<string> Remarks(MachineTiming timing)
    {
        if (Environment.ProcessorCount == 1)
            yield return "This program may use one processor only.";
        else if (!timing.IsMeasured)
            yield return "Other programs kept the processors too busy to measure: what is usual was assumed. Run it again when nothing else runs.";
        else if (timing.RoundTrip == TimeSpan.Zero)
            yield return "No second processor was free for long enough to measure a round trip.";
        yield return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processor{(Environment.ProcessorCount == 1 ? "" : "s")}.");
    }

    private static string Show(double? seconds) => seconds is { } known ? Units.Format(known, Unit.Seconds) : "not measured";
}
