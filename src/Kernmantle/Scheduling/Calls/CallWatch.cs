using System.Diagnostics;

namespace Kernmantle.Scheduling.Calls;

/// <summary>What is watched of a call for metrics and traces, as timestamps of <see cref="Stopwatch"/>; all of it 0 while nobody listens. Once it is submitted, guarded by the pool's lock.</summary>
internal struct CallWatch
{
    /// <summary>When it was made.</summary>
    public long MadeAt;

    /// <summary>Since when it waits for a worker; 0 while it does not.</summary>
    public long QueuedAt;

    /// <summary>How long it has waited.</summary>
    public long Waited;

    /// <summary>It has been submitted; it may be again, after it has waited for room.</summary>
    public bool HasBegun;

    /// <summary>Of one that waited for room in the queue before it was a call: the span of its caller.</summary>
    public Activity? Parent;

    /// <summary>Its own; null where nobody traces it.</summary>
    public Activity? Span;

    public readonly bool IsOn => MadeAt != 0;

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
}
