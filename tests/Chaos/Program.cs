using System.Diagnostics;
using Kernmantle.Chaos;
using Kernmantle.Chaos.Checks;

if (args is ["--help"])
{
    Console.WriteLine(ChaosOptions.Usage);
    return 0;
}
ChaosOptions options;
try
{
    options = ChaosOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"Chaos: {string.Concat(e.Message.Select(static letter => char.IsControl(letter) ? ' ' : letter))}");
    return 2;
}
Console.WriteLine($"seed {options.Seed}, {options.Minutes} minutes, {Environment.ProcessorCount} processors");
Console.Error.Write("");   // opened now, not when there is something to say
string folder = Directory.CreateTempSubdirectory("kernmantle-chaos-").FullName;
var tally = new Tally();
string[] leaks;
using var log = new RecentLog();
try
{
    // What the runtime and the library make once and keep is made in two rounds that are counted, but precede the first footprint.
    var watch = Stopwatch.StartNew();
    TimeSpan lasts = TimeSpan.FromSeconds(options.RoundSeconds);
    Footprint? baseline = null;
    int round = 0;
    while (round < 3 || watch.Elapsed < TimeSpan.FromMinutes(options.Minutes))
    {
        await new Round(options.Seed, round, options, folder, log, tally).RunAsync(round < 2 ? TimeSpan.FromSeconds(3) : lasts);
        log.Clear();
        if (++round == 2)
            baseline = await Settling.TakeAsync(folder);
    }
    Console.WriteLine($"{round} rounds in {watch.Elapsed.TotalMinutes:F1} minutes");
    leaks = await Settling.FindLeaksAsync(baseline!, folder);
}
finally
{
    Directory.Delete(folder, recursive: true);
}
tally.Print(Console.Out);
foreach (string leak in leaks)
{
    tally.Count(Finding.Leaked);
    Console.Error.WriteLine($"LEAKED: {leak}");
}
if (tally[Finding.Untrue] > 0)
    Console.Error.WriteLine($"{tally[Finding.Untrue]} untruthful");
Console.WriteLine(tally);
return tally.IsClean ? 0 : 1;
