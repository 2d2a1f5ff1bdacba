using System.Diagnostics;
using System.Text;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Telemetry;

/// <summary>What of a trace crosses with a call, in the texts of W3C Trace Context and W3C Baggage: any language has a parser for them. Immutable.</summary>
/// <param name="Parent">The <c>traceparent</c>: the span of the call.</param>
/// <param name="State">The <c>tracestate</c>; null for none.</param>
/// <param name="Baggage">The <c>baggage</c>; null for none.</param>
internal sealed record TraceContext(string Parent, string? State, string? Baggage)
{
    /// <summary>What the specification has others support; entries beyond that stay here.</summary>
    private const int MostEntries = 64, MostCharacters = 8192;

    /// <summary>What crosses of that span; null where its identity is not W3C's.</summary>
    public static TraceContext? Of(Activity span) => span is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? new(id, span.TraceStateString, Write(span.Baggage)) : null;

    public byte[] Write()
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        writer.WriteString(Parent);
        writer.WriteString(State);
        writer.WriteString(Baggage);
        return body.Written.ToArray();
    }

    public static TraceContext Read(ReadOnlySpan<byte> body)
    {
        var reader = new PayloadReader(body);
        return new(reader.ReadString() ?? "", reader.ReadString(), reader.ReadString());
    }

    /// <summary>
    /// Makes the span the current one for what runs in this execution context. It is here in name only, since it is another process's: what is started becomes its child.
    /// </summary>
    public void Enter()
    {
        if (!SpanIdentity.CanBeSet || !ActivityContext.TryParse(Parent, State, out ActivityContext context))
            return;
        Activity span = new Activity("Kernmantle.Call").SetIdFormat(ActivityIdFormat.W3C).SetParentId(context.TraceId, context.SpanId, context.TraceFlags);
        span.TraceStateString = State;
        foreach ((string key, string value) in Parse(Baggage))
            span.AddBaggage(key, value);
        span.ActivityTraceFlags = context.TraceFlags;
        SpanIdentity.Set(span, context.SpanId);
        Activity.Current = span;   // not started: no listener hears of it
    }

    private static string? Write(IEnumerable<KeyValuePair<string, string?>> baggage)
    {
        StringBuilder? text = null;
        var written = 0;
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, string? value) in baggage)
        {
            if (key.Length == 0 || !known.Add(key))
                continue;   // what was set later comes first
            string entry = $"{Uri.EscapeDataString(key)}={Uri.EscapeDataString(value ?? "")}";
            if (written == MostEntries || (text?.Length ?? 0) + entry.Length >= MostCharacters)
                break;
            text ??= new();
            text.Append(written++ == 0 ? "" : ",").Append(entry);
        }
        return text?.ToString();
    }

    private static IEnumerable<(string Key, string Value)> Parse(string? baggage) =>
        from entry in baggage?.Length <= MostCharacters ? baggage.Split(',', MostEntries + 1).Take(MostEntries) : []
        let at = entry.IndexOf('=', StringComparison.Ordinal)
        where at > 0
        select (Uri.UnescapeDataString(entry[..at]), Uri.UnescapeDataString(entry[(at + 1)..]));
}
