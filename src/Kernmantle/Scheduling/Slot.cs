using Kernmantle.Failures;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// The place of one worker in its pool: it outlives the worker's incarnations. All members are guarded by the pool's lock.
/// </summary>
internal sealed class Slot(int index)
{
    public int Index { get; } = index;

    /// <summary>The worker's name. It goes along when a spare takes the place of another worker.</summary>
    public required string Name { get; set; }

    /// <summary>Its worker is ready and takes no calls: it waits for the place of another one.</summary>
    public bool IsSpare { get; init; }

    /// <summary>It has no worker, since none is needed.</summary>
    public bool IsParked { get; set; }

    /// <summary>It was parked, and its worker starts.</summary>
    public bool IsGrowing { get; set; }

    /// <summary>It has got a call, or its first worker, since <see cref="IdleSince"/>.</summary>
    public bool IsUsed { get; set; }

    /// <summary>In an elastic pool: when it had done its last call.</summary>
    public long IdleSince { get; set; }

    /// <summary>It has no worker that takes calls, and should have.</summary>
    public bool IsMissing => !Ready && !IsParked && !IsGrowing;

    /// <summary>What the worker has done since its start, where the pool recycles its workers.</summary>
    public WorkerWear Wear { get; set; }

    /// <summary>Somebody has asked for another worker in its place, as soon as this one runs nothing.</summary>
    public bool IsToBeRecycled { get; set; }

    /// <summary>The present incarnation; null while there is none.</summary>
    public PoolWorker? Worker { get; set; }

    /// <summary>Counts the incarnations from 1, so that what belonged to an earlier one is recognised.</summary>
    public long Generation { get; set; } = 1;

    /// <summary>The worker takes calls.</summary>
    public bool Ready { get; set; }

    /// <summary>When its last worker had ended, while it has no other; 0 for never.</summary>
    public long VacantSince { get; set; }

    /// <summary>When it became ready, as a timestamp, and how long that took from its start.</summary>
    public (long At, TimeSpan Took) Readiness { get; set; }

    /// <summary>Starts that failed since the last one that did not.</summary>
    public int StartFailures { get; set; }

    /// <summary>The call handed to the worker.</summary>
    public Call? Current { get; set; }

    private readonly HashSet<Call> interleaved = [];

    /// <summary>What orders calls: the keys, and the objects, of those that are interleaved.</summary>
    private HashSet<(long Instance, int Key)>? orders;

    /// <summary>Calls that run here without keeping the worker from taking others: they wait for something, as in asyncio.</summary>
    public IReadOnlyCollection<Call> Interleaved => interleaved;

    /// <summary>How many of those there may be.</summary>
    public int MaxInterleaved { get; init; } = 1;

    /// <summary>Calls that must run here.</summary>
    public CallQueue Queue { get; } = new();

    /// <summary>Quick calls handed to the worker, one or more in advance.</summary>
    public CallQueue Quick { get; } = new();

    /// <summary>How long those are expected to take, in microseconds; meaningless while there are none.</summary>
    public double AheadMicroseconds { get; set; }

    /// <summary>Calls that are being encoded into memory of its worker, since they are expected here.</summary>
    public int Expected { get; set; }

    /// <summary>Quick calls, and items of a map, that its worker was handed and has not begun.</summary>
    public int CountAhead()
    {
        long begun = Worker?.LastBegun ?? 0, ahead = 0, all = 0;
        foreach (Call each in Quick)
        {
            var call = (QuickCall)each;
            all += call.Count;
            ahead += call.First == 0 ? call.Count : Math.Clamp(call.First + call.Count - 1 - begun, 0, call.Count);
        }
        return (int)Math.Min(ahead, Math.Max(0, all - 1));   // one counts as running
    }

    /// <summary>The last quick call that its worker had begun at the last look, to tell one that gets on from one that is stuck.</summary>
    public long SeenBegun { get; set; }

    /// <summary>The quick call, and which part of it, that was under way at the last look at which it was another one; and when that was.</summary>
    public (long Generation, long Number, Overrun Part) SeenTransfer { get; set; }

    public long TransferSince { get; set; }

    /// <summary>Objects of <see cref="Remote{T}"/> that live here, to spread them.</summary>
    public int Instances { get; set; }

    /// <summary>Only calls pinned here run here (the keyed slots of an inline pool).</summary>
    public bool PinnedOnly { get; init; }

    /// <summary>How many calls its worker has begun and not ended. Of those that it has in advance, one.</summary>
    public int Running => interleaved.Count + (Current is null && Quick.Count == 0 ? 0 : 1);

    public bool IsIdle => Ready && Current is null && Quick.Count == 0 && interleaved.Count < MaxInterleaved;

    /// <summary>The call, which must run here, may begin. Of those that interleave one may have made it, and wait for it: so it may although there are as many of those as may be.</summary>
    public bool Takes(Call call) => (IsIdle || (call.IsNested && Ready && Current is null && Quick.Count == 0)) && HasItAlone(call) && !IsHeldUp(call);

    /// <summary>A call with limits has its worker for itself: what it uses could not be told otherwise.</summary>
    public bool HasItAlone(Call call) => call.Limits is null || interleaved.Count == 0;

    /// <summary>The worker has begun, or will begin, the call.</summary>
    public bool Runs(Call call) => Current == call || interleaved.Contains(call);

    /// <summary>The quick call was handed to the worker.</summary>
    public bool HasQuick(Call call) => call.Line == Quick;

    /// <summary>The current call leaves room for others.</summary>
    public void Interleave(Call call)
    {
        Current = null;
        interleaved.Add(call);
        if (OrderOf(call) is { } order)
            (orders ??= []).Add(order);
    }

    /// <summary>Calls of one key, or on one object, run one at a time, and another one is under way here.</summary>
    public bool IsHeldUp(Call call) => orders is { Count: > 0 } && OrderOf(call) is { } order && orders.Contains(order);

    /// <summary>The call is not here any more. False: it was not here.</summary>
    public bool Drop(Call call)
    {
        if (Current == call)
        {
            Current = null;
            return true;
        }
        if (!interleaved.Remove(call))
            return false;
        if (OrderOf(call) is { } order)
            orders!.Remove(order);
        return true;
    }

    /// <summary>It is in the pool's list of idle slots.</summary>
    public bool IsListed { get; set; }

    private static (long Instance, int Key)? OrderOf(Call call) =>
        call.InstanceId != 0 ? (call.InstanceId, 0) : call.Options.Key is not null ? (0, call.KeyHash) : null;

    // --- How incarnations ended ---

    /// <summary>So many ends are remembered.</summary>
    private const int MaxLosses = 8;

    private readonly Queue<(long Generation, Exception Cause)> losses = new();

    /// <summary>The worker goes, with what lived in it, and the next one is another incarnation.</summary>
    public void Lose(Exception? cause)
    {
        if (cause is not null)
            losses.Enqueue((Generation, cause));
        if (losses.Count > MaxLosses)
            losses.Dequeue();
        Generation++;
    }

    /// <summary>Why that incarnation ended; null if that is not known any more.</summary>
    public Exception? CauseOf(long generation) => losses.FirstOrDefault(l => l.Generation == generation).Cause;
}
