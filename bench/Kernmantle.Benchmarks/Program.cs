using System.Diagnostics;
using Kernmantle.Benchmarks;
using Kernmantle.Benchmarks.Catalogue;
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

if (CommandLine.TryParse(args) is not { } options || !OperatingSystem.IsLinux() || !Directory.Exists(Path.Combine("bench", "peers")))
{
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}

var elapsed = Stopwatch.StartNew();
double load = Processors.Load();
IReadOnlyList<Group> groups = [.. Groups.All.Where(group => options.Only is null || options.Only == group.Name)];
Directory.CreateDirectory(options.Build);
var results = new Results();
var runner = new Runner(Plan.Of(options.Mode), new Toolchains(options.Build, CommandLine.Python), results);
int rounds = await runner.RunAsync(groups);
Report report = Report.Of(groups, results, options.Mode, load, rounds, elapsed.Elapsed);
if (options.Only is null)
{
    // One group is a look, not a run: it replaces nothing.
    string folder = Path.Combine("bench", "results");
    Directory.CreateDirectory(folder);
    File.WriteAllText(Path.Combine(folder, "latest.md"), $"# Latest benchmark run\n\n{report.ToMarkdown()}");
    File.WriteAllText(Path.Combine(folder, "latest.json"), report.ToJson());
}
Console.Out.Write(report.ToMarkdown());
return 0;
