using Kernmantle.Benchmarks;

const string Usage = """
    Measures starts, memory and calls beside their peers, in one run and in turns. Linux only.

      dotnet run --project bench/Kernmantle.Benchmarks -c Release              some half a minute
      dotnet run --project bench/Kernmantle.Benchmarks -c Release -- --quick   some ten seconds

    Run it from the repository's root. Writes bench/results/latest.md and latest.json.
    """;

if (args is not ([] or ["--quick"]))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
string script = Path.Combine("bench", "peers", "process_pool.py");
if (!OperatingSystem.IsLinux() || !File.Exists(script))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

bool quick = args.Length > 0;
using PythonPeer? python = PythonPeer.TryStart(script, out string reason);
List<string> remarks = ["p99 of fewer than 100 samples is their maximum."];
if (python is null)
    remarks.Add($"Peer missing: {reason}. Install python3 and run again.");

List<Table> tables = [];
tables.Add(await ColdStart.MeasureAsync(python, quick ? 10 : 40));
Console.Error.WriteLine("starts measured");
tables.Add(await RoundTrip.MeasureAsync(python, quick ? 5 : 20, quick ? 200 : 500));
Console.Error.WriteLine("calls measured");
tables.Add(await Memory.MeasureAsync(python, quick ? 1 : 3));

var report = new Report(tables, quick ? "quick" : "full", remarks, python?.Version ?? "no Python");
string folder = Path.Combine("bench", "results");
Directory.CreateDirectory(folder);
File.WriteAllText(Path.Combine(folder, "latest.md"), $"# Latest benchmark run\n\n{report.ToMarkdown()}");
File.WriteAllText(Path.Combine(folder, "latest.json"), report.ToJson());
Console.Write(report.ToMarkdown());
return 0;
