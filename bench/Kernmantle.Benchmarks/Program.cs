using System.Diagnostics;
using Kernmantle.Benchmarks;
using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Measures;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Reporting;
using Kernmantle.Benchmarks.Running;

switch (args)
{
    case ["measure", var what, .. var numbers]:
        try
        {
            foreach (Line line in await Register.MeasureAsync(what, Settings.Parse(numbers)))
                line.Print();
            return 0;
        }
        catch (MissingException e)
        {
            Console.Error.WriteLine(e.Message);
            return 3;
        }
    case ["burn", var count]:
        Scaling.BurnWhenTold(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
}

CommandLine options;
try
{
    options = CommandLine.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message} eng/bench --help tells what there is.");
    return 2;
}
if (options.Help)
{
    Console.Out.WriteLine(CommandLine.Usage);
    return 0;
}
if (options.List)
{
    Console.Out.Write(Listing.Text());
    return 0;
}
if (!OperatingSystem.IsLinux() || !Directory.Exists(Path.Combine("bench", "peers")))
{
    Console.Error.WriteLine("The benchmarks run on Linux, from the repository's root.");
    return 2;
}

var elapsed = Stopwatch.StartNew();
Directory.CreateDirectory(options.Build);
var results = new Results();
var runner = new Runner(Plan.Of(options.Mode), new Toolchains(options.Build, CommandLine.Python), results);
Conditions conditions = await runner.RunAsync(options.Groups);
Report report = Report.Of(options.Groups, results, options.Mode, conditions, elapsed.Elapsed);
string text = Markdown.Of(report);
Console.Out.Write(text);
if (!conditions.Complete)
    return 0;   // A few groups are a look, not a run: nothing is written.

// Only an accepted run is a source of figures; the other one is kept for whoever wants to know why it was refused.
string folder = report.IsAccepted ? Path.Combine("bench", "results") : options.Build, name = report.IsAccepted ? "latest" : "refused";
File.WriteAllText(Path.Combine(folder, $"{name}.md"), $"# {(report.IsAccepted ? "Latest benchmark run" : "Refused benchmark run")}\n\n{text}");
File.WriteAllText(Path.Combine(folder, $"{name}.json"), Json.Of(report));
Console.Error.WriteLine(report.IsAccepted
    ? $"The noise check accepts this run: written to {folder}/latest.md and latest.json. eng/fill-performance brings it into the documents."
    : $"The noise check refuses this run: {string.Join("; ", report.Refusals)}. bench/results is as it was; see {folder}/refused.md.");
return report.IsAccepted ? 0 : 4;
