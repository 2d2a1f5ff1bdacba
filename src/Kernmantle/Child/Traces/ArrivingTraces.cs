using Kernmantle.Telemetry;

namespace Kernmantle.Child.Traces;

/// <summary>
/// The traces of calls that come next: each is told right before its call. Used by whoever takes frames, which is one thread at a time.
/// </summary>
internal sealed class ArrivingTraces(SpanForwarder forwarder)
{
    private readonly Dictionary<long, TraceContext> ofCalls = [];
    private TraceContext? ofNext;

    /// <param name="id">The call's; 0: of the quick call that is the next one with a trace.</param>
    /// <param name="trace">What it is part of.</param>
    public void Add(long id, TraceContext trace)
    {
        forwarder.Listen();
        if (id == 0)
            ofNext = trace;
        else
            ofCalls[id] = trace;
    }

    /// <summary>By a quick call that has one.</summary>
    public TraceContext? TakeNext()
    {
        TraceContext? taken = ofNext;
        ofNext = null;
        return taken;
    }

    /// <summary>By the call of that id; null if it has none.</summary>
    public TraceContext? Take(long id) => ofCalls.Remove(id, out TraceContext? trace) ? trace : null;
}
