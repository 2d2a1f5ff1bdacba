using System.Diagnostics;
using System.Numerics;

namespace Kernmantle.Api.GlobalLocks;

/// <summary>What a lock counts. Written by its holder, but for requests; read by anybody, at most one behind.</summary>
internal sealed class GlobalLockCounters
{
    /// <summary>Bounds are powers of two of a microsecond: 1 µs to 134 s.</summary>
    private const int Buckets = 28;

    private readonly long[] holds = new long[Buckets];
    private long waits;
    private long waitTicks;
    private long requests;

    public long Acquisitions { get; set; }

    public long Forced { get; set; }

    public void Waited(long ticks)
    {
        waits++;
        waitTicks += ticks;
    }

    public void Requested() => Interlocked.Increment(ref requests);

    public void Held(long ticks)
    {
        long microseconds = ticks * 1_000_000 / Stopwatch.Frequency;
        holds[Math.Min(64 - BitOperations.LeadingZeroCount((ulong)microseconds), Buckets - 1)]++;
    }

    public GlobalLockStatistics Snapshot(long switches, int waiting) => new()
    {
        Acquisitions = Acquisitions,
        Switches = switches,
        Waiting = waiting,
        Waits = Volatile.Read(ref waits),
        WaitTime = Stopwatch.GetElapsedTime(0, Volatile.Read(ref waitTicks)),
        Requests = Volatile.Read(ref requests),
        ForcedSwitches = Forced,
        HoldTimes = [.. holds.Select(static (count, i) => (TimeSpan.FromMicroseconds(1L << i), count))],
    };
}
