using System.Diagnostics;

namespace Kernmantle.Scheduling.Calls;

/// <summary>What is watched of a call for metrics and traces, as timestamps of <see cref="Stopwatch"/>. Made for calls that somebody listens for, and used again with them; once its call is submitted, guarded by the pool's lock.</summary>
internal sealed class CallWatch
{
    /// <summary>When it was made; 0 while nobody listens, and for a part of a call, which is told of with that.</summary>
    public long MadeAt { get; set; }

    /// <summary>Since when it waits for a worker; 0 while it does not.</summary>
    public long QueuedAt { get; set; }

    /// <summary>How long it has waited.</summary>
    public long Waited { get; private set; }

    /// <summary>It has been submitted; it may be again, after it has waited for room.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The span of its caller, until it has its own.</summary>
    public Activity? Parent { get; set; }

    /// <summary>Its own; null where nobody traces it.</summary>
    public Activity? Span { get; set; }

    public bool IsOn => MadeAt != 0;

    /// <summary>It waits from here on, if it did not before.</summary>
    public void BeginWait()
    {
        if (IsOn && QueuedAt == 0)
            QueuedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>A worker has it.</summary>
    public void EndWait()
    {
        if (QueuedAt == 0)
            return;
        Waited += Stopwatch.GetTimestamp() - QueuedAt;
        QueuedAt = 0;
    }

    /// <summary>Its call has ended.</summary>
    public void Clear()
    {
        (MadeAt, QueuedAt, Waited, HasBegun) = (0, 0, 0, false);
        (Parent, Span) = (null, null);
    }
}
