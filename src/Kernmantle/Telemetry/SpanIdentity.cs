using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Kernmantle.Telemetry;

/// <summary>
/// Gives an <see cref="Activity"/> the id of a span that another process has begun. The platform makes all ids itself, and has no way to say one: this writes the field that it keeps it in, and
/// looks whether that is what it takes. Where it is not (a runtime to come), traces end at the process boundary, and nothing else is lost.
/// </summary>
internal static class SpanIdentity
{
    /// <summary>It works with this runtime.</summary>
    public static bool CanBeSet { get; } = Try();

    /// <summary>Before anybody asks for its id.</summary>
    public static void Set(Activity span, ActivitySpanId id)
    {
        Text(span) = null;   // made of the ids when it is asked for
        Id(span) = id.ToHexString();
    }

    private static bool Try()
    {
        Activity span = new Activity("Kernmantle.Probe").SetIdFormat(ActivityIdFormat.W3C).SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());   // not started: no listener hears of it
        try
        {
            ActivitySpanId id = ActivitySpanId.CreateRandom();
            Set(span, id);
            return span.SpanId == id && span.Id == $"00-{span.TraceId}-{id}-00";
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? Id(Activity span);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_id")]
    private static extern ref string? Text(Activity span);
}
