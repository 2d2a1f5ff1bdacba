using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane.Link;

/// <summary>The calls that the worker was sent as frames: one, and begun ones beside it that wait in a worker which has taken others since. Its owner holds <see cref="LinkContext.Gate"/>.</summary>
/// <param name="takesOthers">The worker speaks of the begin, and interleaves, as a dialect has it.</param>
internal sealed class LinkCalls(bool takesOthers)
{
    private readonly Dictionary<long, Call> interleaved = [];
    private Call? current;
    private bool begun;

    /// <summary>The one that is not interleaved, if it has begun.</summary>
    public Call? Begun => begun ? current : null;

    /// <summary>The same, if it has not.</summary>
    public Call? Waiting => begun ? null : current;

    public bool Has(Call call) => current == call || interleaved.ContainsKey(call.Id);

    public bool HasBegun(Call call) => Begun == call || interleaved.ContainsKey(call.Id);

    /// <summary>It is sent.</summary>
    public void Start(Call call) => (current, begun) = (call, false);

    /// <summary>The call of a frame that came: a worker may speak only of calls it was given, and of their begin once and first.</summary>
    /// <exception cref="ProtocolViolationException">It may not say that now.</exception>
    public Call Find(FrameKind kind, long callId)
    {
        if (interleaved.TryGetValue(callId, out Call? waiting) && kind is not (FrameKind.Begun or FrameKind.Interleaved))
            return waiting;
        if (current is not { } call || call.Id != callId)
            throw new ProtocolViolationException($"a {kind} frame for call {callId}, which it does not run");
        if (takesOthers ? begun && kind == FrameKind.Begun : begun == (kind == FrameKind.Begun) && (begun || kind != FrameKind.Cancelled))
            throw new ProtocolViolationException($"a {kind} frame {(begun ? "after" : "before")} the begin of the call");
        begun |= kind == FrameKind.Begun;
        return call;
    }

    /// <summary>It leaves room for others.</summary>
    public void Interleave(Call call)
    {
        interleaved.Add(call.Id, call);
        current = null;
    }

    /// <summary>It has ended.</summary>
    public void End(Call call)
    {
        if (!interleaved.Remove(call.Id))
            current = null;
    }
}
