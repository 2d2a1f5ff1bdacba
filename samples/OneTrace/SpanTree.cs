using System.Diagnostics;

namespace OneTrace;

/// <summary>Spans as a tree: each under its parent, in the order of their begins.</summary>
internal static class SpanTree
{
    public static void Write(IReadOnlyCollection<Activity> spans, TextWriter output)
    {
        Activity[] ordered = [.. spans.OrderBy(static s => s.StartTimeUtc)];
        var known = ordered.Select(static s => s.SpanId).ToHashSet();
        foreach (Activity root in ordered.Where(s => !known.Contains(s.ParentSpanId)))
            Write(root, ordered, output, "");
    }

    private static void Write(Activity span, Activity[] all, TextWriter output, string indent)
    {
        string where = span.GetTagItem("kernmantle.worker") is { } worker && span.Source.Name != Kernmantle.KernmantleTelemetry.Name ? $" in {worker}" : "";
        string error = span.Status == ActivityStatusCode.Error ? $" failed: {span.GetTagItem("error.type")}" : "";
        output.WriteLine($"{indent}{span.DisplayName}{where}{error}");
        foreach (Activity child in all.Where(s => s.ParentSpanId == span.SpanId && s.TraceId == span.TraceId))
            Write(child, all, output, indent + "  ");
    }
}
