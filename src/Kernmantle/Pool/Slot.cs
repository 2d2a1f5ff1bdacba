using Kernmantle.Calls;

namespace Kernmantle.Pool;

/// <summary>
/// The place of one worker in its pool: it outlives the worker's incarnations. All members are guarded by the pool's lock.
/// </summary>
internal sealed class Slot(int index)
{
    public int Index { get; } = index;

    /// <summary>The present incarnation; null while there is none.</summary>
    public PoolWorker? Worker { get; set; }

    /// <summary>Counts the incarnations from 1, so that what belonged to an earlier one is recognised.</summary>
    public long Generation { get; set; } = 1;

    /// <summary>The worker takes calls.</summary>
    public bool Ready { get; set; }

    /// <summary>Starts that failed since the last one that did not.</summary>
    public int StartFailures { get; set; }

    /// <summary>The call handed to the worker.</summary>
    public Call? Current { get; set; }

    /// <summary>Calls that run here without keeping the worker from taking others: they wait for something, as in asyncio.</summary>
    public HashSet<Call> Interleaved { get; } = [];

    /// <summary>How many of those there may be.</summary>
    public int MaxInterleaved { get; init; } = 1;

    /// <summary>Calls that must run here.</summary>
    public CallQueue Queue { get; } = new();

    /// <summary>Quick calls handed to the worker, one or more in advance.</summary>
    public CallQueue Quick { get; } = new();

    /// <summary>How long those are expected to take, in microseconds; meaningless while there are none.</summary>
    public double AheadMicroseconds { get; set; }

    /// <summary>The last quick call that its worker had begun at the last look, to tell one that gets on from one that is stuck.</summary>
    public long SeenBegun { get; set; }

    /// <summary>Objects of <see cref="Remote{T}"/> that live here, to spread them.</summary>
    public int Instances { get; set; }

    /// <summary>Only calls pinned here run here (the keyed slots of an inline pool).</summary>
    public bool PinnedOnly { get; init; }

    public bool IsIdle => Ready && Current is null && Quick.Count == 0 && Interleaved.Count < MaxInterleaved;

    /// <summary>The worker has begun, or will begin, the call.</summary>
    public bool Runs(Call call) => Current == call || Interleaved.Contains(call);

    /// <summary>The call is not here any more. False: it was not here.</summary>
    public bool Drop(Call call)
    {
        if (Current != call)
            return Interleaved.Remove(call);
        Current = null;
        return true;
    }

    /// <summary>It is in the pool's list of idle slots.</summary>
    public bool IsListed { get; set; }
}
