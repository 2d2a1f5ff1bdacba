using System.Collections;
using System.Globalization;
using Kernmantle.Python;
using Spectre.Console;

namespace PastTheGil;

/// <summary>The comparison as a table, and what it means.</summary>
internal static class Report
{
    /// <summary>A speed-up below this is none: threads take turns.</summary>
    private const double NoSpeedUp = 1.25;

    public static void Write(Comparison comparison)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = 200;
        PythonInterpreter python = comparison.Interpreter;
        console.WriteLine($"{python.Implementation} {python.Version} ({(python.HasGlobalLock ? "with" : "without")} a global lock), {Environment.ProcessorCount} processors");
        console.WriteLine($"{comparison.Work.Function} over {comparison.Work.Inputs.Count} inputs");
        Table table = new Table().AddColumn("Way").AddColumns(Right("Wall"), Right("Processor time"), Right("Speed-up")).AddColumn("Global lock").AddColumn("Answer");
        table.Border = Console.IsOutputRedirected ? TableBorder.Ascii : TableBorder.Rounded;
        foreach (Measure measure in comparison.Measures)
            table.AddRow(new Text(measure.Way), Seconds(measure.Wall), Seconds(measure.Processor), SpeedUp(comparison, measure), new Text(Verdict(comparison, measure)), new Text(measure.Answer == comparison.Sequential.Answer ? "the same" : "OTHER"));
        console.Write(table);
        foreach (string line in Words(comparison.Results))
            console.WriteLine(line);
        if (!comparison.AllAgree)
            Console.Error.WriteLine("PastTheGil: the ways gave different answers: the function depends on more than its input.");
    }

    private static string Verdict(Comparison comparison, Measure measure)
    {
        double speedUp = comparison.Sequential.Wall / measure.Wall;
        if (measure == comparison.Sequential)
            return "";
        if (measure == comparison.Measures[^1])
            return speedUp < NoSpeedUp ? "not the lock: too few processors, or too little work" : "one each";
        return speedUp >= NoSpeedUp ? "not held up"
            : comparison.Interpreter.HasGlobalLock && comparison.Workers > 1 && Environment.ProcessorCount > 1 ? "GIL-bound: one computes at a time"
            : "one computes at a time";
    }

    /// <summary>The most frequent words, where the results are counts of words.</summary>
    private static IEnumerable<string> Words(object?[] results)
    {
        if (!Array.TrueForAll(results, static r => r is IDictionary))
            yield break;
        var totals = new Dictionary<string, long>();
        foreach (IDictionary counts in results.Cast<IDictionary>())
        {
            foreach (DictionaryEntry entry in counts)
            {
                if (entry.Key is not string word || entry.Value is not long count)
                    yield break;
                totals[word] = totals.GetValueOrDefault(word) + count;
            }
        }
        yield return $"{totals.Values.Sum().ToString("N0", CultureInfo.InvariantCulture)} words, {totals.Count.ToString("N0", CultureInfo.InvariantCulture)} different ones; the most frequent: "
            + string.Join(", ", totals.OrderByDescending(static t => t.Value).ThenBy(static t => t.Key, StringComparer.Ordinal).Take(8).Select(static t => $"{t.Key} {t.Value.ToString("N0", CultureInfo.InvariantCulture)}"));
    }

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private static Text Seconds(double seconds) => new($"{seconds.ToString("F2", CultureInfo.InvariantCulture)} s");

    private static Text SpeedUp(Comparison comparison, Measure measure) => new($"{(comparison.Sequential.Wall / measure.Wall).ToString("F2", CultureInfo.InvariantCulture)} x");
}
