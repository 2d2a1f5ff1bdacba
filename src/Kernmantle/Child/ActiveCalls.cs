using Kernmantle.Child.Logs;
using Kernmantle.Child.Objects;
using Kernmantle.Wire;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>The calls that have arrived and not ended. Thread-safe.</summary>
internal sealed class ActiveCalls(IFrameTransport transport, ILogger logger, ConsoleCapture? console, ObjectCalls objects)
{
    private readonly Dictionary<long, CallLinks> calls = [];
    private readonly Lock gate = new();
    private bool stopping;

    /// <exception cref="ProtocolViolationException">The id is in use.</exception>
    public CallLinks Add(long id)
    {
        var links = new CallLinks(id, this, transport, logger, console, objects);
        lock (gate)
        {
            if (!calls.TryAdd(id, links))
                throw new ProtocolViolationException($"A second call {id}.");
            if (stopping)
                links.Cancel();
        }
        return links;
    }

    public CallLinks? Find(long id)
    {
        lock (gate)
            return calls.TryGetValue(id, out CallLinks? links) ? links : null;
    }

    public void Remove(long id)
    {
        lock (gate)
            calls.Remove(id);
    }

    /// <summary>Cancels the tokens of all calls, and of any that still arrive.</summary>
    public void CancelAll()
    {
        lock (gate)
        {
            stopping = true;
            foreach (CallLinks links in calls.Values)
                links.Cancel();
        }
    }
}
