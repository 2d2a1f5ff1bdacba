using Kernmantle.Chaos.Calls;
using Kernmantle.Chaos.Plans;

namespace Kernmantle.Chaos.Checks;

internal enum Finding
{
    Lost,
    Duplicated,
    Untrue,
    Leaked,
}

/// <summary>How many calls of what kind ended how.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<(CallKind Kind, string End), long> counts = [];
    private readonly Dictionary<Finding, int> findings = [];

    public long Calls { get; private set; }

    public long Completed { get; private set; }

    public long Failed { get; private set; }

    public long Kills { get; set; }

    public bool IsClean => findings.Count == 0;

    public int this[Finding finding] => findings.GetValueOrDefault(finding);

    public void Count(CallRecord call)
    {
        string end = call.Ended == 0 ? "-" : call.Succeeded ? "completed" : NameOf(call.Failure!);
        counts[(call.Plan.Kind, end)] = counts.GetValueOrDefault((call.Plan.Kind, end)) + 1;
        Calls++;
        if (call.Succeeded)
            Completed++;
        else if (call.Ended != 0)
            Failed++;
    }

    public void Count(Finding finding) => findings[finding] = findings.GetValueOrDefault(finding) + 1;

    public void Print(TextWriter to)
    {
        string[] ends = [.. counts.Keys.Select(static k => k.End).Distinct().Order(StringComparer.Ordinal)];
        string[][] rows = [["", .. ends], .. counts.Keys.Select(static k => k.Kind).Distinct().Select(kind => (string[])[kind.ToString(), .. ends.Select(end => counts.TryGetValue((kind, end), out long n) ? n.ToString(System.Globalization.CultureInfo.InvariantCulture) : "")])];
        int[] widths = [.. Enumerable.Range(0, ends.Length + 1).Select(i => rows.Max(r => r[i].Length))];
        foreach (string[] row in rows)
            to.WriteLine(string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
    }

    public override string ToString() =>
        $"calls: {Calls}, kills: {Kills}, completed: {Completed}, failed truthfully: {Failed - this[Finding.Untrue]}, lost: {this[Finding.Lost]}, duplicated: {this[Finding.Duplicated]}, leaked: {this[Finding.Leaked]}";

    private static string NameOf(Exception failure) => failure is OperationCanceledException ? "cancelled" : failure switch
    {
        WorkerCrashedException crash => $"crashed ({crash.Reason})",
        _ => failure.GetType().Name.Replace("Exception", "", StringComparison.Ordinal),
    };
}
