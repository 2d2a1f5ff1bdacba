using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Report;

/// <summary>
/// The lab as one page that needs nothing else: text is written here, plots are drawn by Apache ECharts, which the page carries, from the
/// figures, which it carries too.
/// </summary>
internal static class HtmlReport
{
    /// <summary>The default encoder: nothing in the data can end the element that it stands in.</summary>
    private static readonly JsonSerializerOptions InPage = new(JsonReport.Format) { WriteIndented = false, Encoder = JavaScriptEncoder.Default };

    public static string Write(LabResult lab, string title = "kern lab", string heading = "Threads and processes, measured")
    {
        // Each part goes in once: what it contains is not looked at again.
        StringBuilder page = new();
        string template = Resource("page.html");
        for (int at = 0; ;)
        {
            int open = template.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
                return page.Append(template, at, template.Length - at).ToString();
            int close = template.IndexOf("}}", open, StringComparison.Ordinal);
            page.Append(template, at, open - at).Append(Part(template[(open + 2)..close], lab, title, heading));
            at = close + 2;
        }
    }

    private static string Part(string name, LabResult lab, string title, string heading) => name switch
    {
        "title" => Text(title),
        "style" => Resource("report.css"),
        "body" => Body(lab, heading),
        "data" => JsonSerializer.Serialize(lab, InPage),
        "library" => Resource("ECharts.echarts.min.js"),
        "script" => Resource("report.js"),
        _ => throw new InvalidOperationException($"The page's template names '{name}', which is no part."),
    };

    private static string Body(LabResult lab, string heading)
    {
        StringBuilder html = new();
        html.Append(CultureInfo.InvariantCulture, $"""
            <header><h1>{Text(heading)}</h1><button id="theme" type="button">Dark</button></header>
            <main>
            <dl class="machine">
            {Pair("processors", $"{lab.Machine.Processors} of {lab.Machine.Processor}")}
            {Pair("load before", lab.Machine.Load is { } load ? $"{load.ToString("0.0", CultureInfo.InvariantCulture)} threads" : "unknown")}
            {Pair("memory", Units.Format(lab.Machine.MemoryBytes, Unit.Bytes))}
            {Pair("caches", lab.Machine.Caches().Text())}
            {Pair("system", $"{lab.Machine.OperatingSystem}, {lab.Machine.Architecture}")}
            {Pair("runtime", lab.Machine.Runtime)}
            {Pair("run", $"{lab.Started:yyyy-MM-dd HH:mm} UTC, {Units.Format(lab.Seconds, Unit.Seconds)}, kern {lab.Version}")}
            {(lab.Claims.Count > 0 ? Pair("experiments", LabSummary.Of(lab)) : "")}
            </dl>
            {(lab.Machine.Warning() is { } warning ? $"<p class=\"warning\">{Text(warning)}</p>" : "")}
            <nav>
            """);
        foreach (ExperimentResult experiment in lab.Experiments)
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"#{experiment.Name}\">{Text(experiment.Name)}</a>");
        html.Append("</nav>\n");
        if (lab.Claims.Count > 0)
            html.Append("<h2 id=\"claims\">Claims</h2>\n");
        foreach (ClaimResult claim in lab.Claims.Where(static claim => claim.Verdict is not null))
        {
            html.Append(CultureInfo.InvariantCulture, $"""
                <div class="claim" data-claim="{claim.Id}"><span class="id">{claim.Id}</span><span>{Badge(claim.Verdict!.Value)}</span><div>{Text(claim.Statement)}<ul>
                """);
            foreach (Finding finding in claim.Findings)
                html.Append(CultureInfo.InvariantCulture, $"<li>{Text(finding.Why)}</li>");
            html.Append("</ul></div></div>\n");
        }
        foreach (ExperimentResult experiment in lab.Experiments)
            Append(html, experiment);
        html.Append(CultureInfo.InvariantCulture, $"""
            </main>
            <footer>
            <p>A figure is the median of its measurements; whiskers and ranges go from the lower to the upper quartile. A difference counts where these ranges do not overlap.</p>
            <details><summary>Plots: Apache ECharts, Apache License 2.0</summary><pre>{Text(Resource("ECharts.LICENSE.txt"))}</pre></details>
            </footer>
            """);
        return html.ToString();
    }

    private static void Append(StringBuilder html, ExperimentResult experiment)
    {
        html.Append(CultureInfo.InvariantCulture, $"<section><h2 id=\"{experiment.Name}\">{Text(experiment.Name)} <small>{Text(experiment.Question)}</small></h2>\n");
        if (experiment.Failure is { } failure)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"not\">Failed: {Text(failure)}</p>\n");
        if (experiment.Unavailable is { } missing)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">Cannot be run here: {Text(missing)}</p>\n");
        foreach (Plot plot in experiment.Outcome.Plots)
            html.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Text(plot.Title)}</figcaption><div class=\"plot\" id=\"plot-{plot.Id}\" data-plot=\"{plot.Id}\"></div></figure>\n");
        foreach (TextTable table in experiment.Outcome.Tables)
            Append(html, table);
        foreach (string note in experiment.Outcome.Notes)
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"lines\">{Text(note)}</p>\n");
        foreach (Finding finding in experiment.Outcome.Findings)
            html.Append(CultureInfo.InvariantCulture, $"<div class=\"finding\"><b>{finding.Claim}</b> {Badge(finding.Verdict)} {Text(finding.Statement)}<p>{Text(finding.Why)}</p></div>\n");
        if (experiment.Outcome.Figures.Count > 0)
        {
            html.Append("<details><summary>Raw figures</summary>");
            Append(html, TerminalReport.Figures(experiment.Outcome.Figures));
            html.Append("</details>\n");
        }
        html.Append("</section>\n");
    }

    private static void Append(StringBuilder html, TextTable table)
    {
        if (table.Title.Length > 0)
            html.Append(CultureInfo.InvariantCulture, $"<h3>{Text(table.Title)}</h3>\n");
        html.Append("<div class=\"scroll\"><table><thead><tr>");
        for (int i = 0; i < table.Columns.Count; i++)
            html.Append(CultureInfo.InvariantCulture, $"<th{(table.IsRight(i) ? " class=\"number\"" : "")}>{Text(table.HeaderOf(i))}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            html.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                string kind = table.IsRight(i) ? " class=\"number\"" : row[i].Contains('\n', StringComparison.Ordinal) ? " class=\"lines\"" : "";
                html.Append(CultureInfo.InvariantCulture, $"<td{kind}>{Text(row[i])}</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</tbody></table></div>\n");
    }

    private static string Pair(string name, string value) => $"<dt>{Text(name)}</dt><dd>{Text(value)}</dd>";

    private static string Badge(Verdict verdict) =>
        $"<span class=\"verdict {verdict switch { Verdict.Holds => "holds", Verdict.Depends => "depends", _ => "not" }}\">{verdict.Text()}</span>";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream($"report/{name}")
            ?? throw new InvalidOperationException($"The resource '{name}' is missing from this build.");
        return new StreamReader(stream).ReadToEnd();
    }
}
