using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Kernmantle.Benchmarks;

/// <summary>The tables as text for people (Markdown) and for programs (JSON).</summary>
internal sealed record Report(IReadOnlyList<Table> Tables, string Mode, IReadOnlyList<string> Remarks, string Python)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Machine =>
        $"{Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}";

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine}, {Python}; {Mode} run.").AppendLine();
        foreach (Table table in Tables)
            Append(text, table);
        foreach (string remark in Remarks)
            text.AppendLine(CultureInfo.InvariantCulture, $"- {remark}");
        return text.ToString().TrimEnd() + "\n";
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Machine,
            Python,
            Mode,
            Tables = Tables.Select(static table => new
            {
                table.Title,
                table.Unit,
                Rows = table.Rows.Select(row => new
                {
                    row.Name,
                    row.IsPeer,
                    Samples = row.Samples?.Count,
                    row.Samples?.Median,
                    row.Samples?.Minimum,
                    row.Samples?.P99,
                    Ratios = Peers(table).ToDictionary(static peer => peer.Name, peer => table.Ratio(row, peer.Name)),
                }),
                Goals = table.Goals.Select(goal => new { Goal = goal.Describe(table.Unit), Met = table.IsMet(goal) }),
            }),
            Remarks,
        },
        Format) + "\n";

    private static void Append(StringBuilder text, Table table)
    {
        Row[] peers = Peers(table);
        text.AppendLine(CultureInfo.InvariantCulture, $"## {table.Title} ({table.Unit})").AppendLine();
        text.AppendLine($"| | median | min | p99 | n |{string.Concat(peers.Select(static p => $" × {p.Name} |"))}");
        text.AppendLine($"|---|---:|---:|---:|---:|{string.Concat(peers.Select(static _ => "---:|"))}");
        foreach (Row row in table.Rows)
        {
            string figures = row.Samples is { Count: > 0 } s
                ? string.Create(CultureInfo.InvariantCulture, $"{Number(s.Median)} | {Number(s.Minimum)} | {Number(s.P99)} | {s.Count}")
                : "missing | | | ";
            string ratios = string.Concat(peers.Select(peer => table.Ratio(row, peer.Name) is { } ratio ? $" {Number(ratio)} |" : " |"));
            text.AppendLine($"| {row.Name} | {figures} |{ratios}");
        }
        text.AppendLine();
        foreach (Goal goal in table.Goals)
        {
            string verdict = table.IsMet(goal) switch { true => "met", false => "missed", null => "not judged: a side is missing" };
            text.AppendLine(CultureInfo.InvariantCulture, $"- Goal {goal.Describe(table.Unit)}: **{verdict}**");
        }
        if (table.Goals.Count > 0)
            text.AppendLine();
    }

    private static Row[] Peers(Table table) => [.. table.Rows.Where(static row => row.IsPeer)];

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    private static string Processor()
    {
        const string File = "/proc/cpuinfo";
        string? line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? "unknown processor";
    }
}
