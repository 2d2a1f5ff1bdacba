using System.Diagnostics;

namespace Kernmantle;

/// <summary>Why a holder gave a <see cref="GlobalLock"/> up.</summary>
public enum GlobalLockRelease
{
    /// <summary>It was done.</summary>
    Released,

    /// <summary>It had to wait for something (<see cref="GlobalLock.AllowThreads"/>).</summary>
    Blocking,

    /// <summary>Another thread asked for it (<see cref="GlobalLock.Checkpoint"/>).</summary>
    Requested,
}

/// <summary>One hold of a <see cref="GlobalLock"/>. Immutable.</summary>
public sealed class GlobalLockHold
{
    internal GlobalLockHold(Thread holder, TimeSpan from, TimeSpan to, GlobalLockRelease why) =>
        (ThreadId, ThreadName, From, To, Why) = (holder.ManagedThreadId, holder.Name, from, to, why);

    /// <summary>The managed thread id of the holder.</summary>
    public int ThreadId { get; }

    /// <summary>Its name; null if it has none.</summary>
    public string? ThreadName { get; }

    /// <summary>Since the beginning of the trace.</summary>
    public TimeSpan From { get; }

    /// <summary>Since the beginning of the trace.</summary>
    public TimeSpan To { get; }

    /// <summary>Why it ended.</summary>
    public GlobalLockRelease Why { get; }
}

/// <summary>Who held a <see cref="GlobalLock"/> when. Thread-safe. Disposing of it ends the recording and keeps what was recorded.</summary>
public sealed class GlobalLockTrace : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<GlobalLockHold> holds = [];
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly int capacity;
    private readonly Action<GlobalLockTrace> onEnd;
    private long left;

    internal GlobalLockTrace(int capacity, Action<GlobalLockTrace> onEnd) => (this.capacity, this.onEnd) = (capacity, onEnd);

    /// <summary>The holds so far, in their order.</summary>
    public IReadOnlyList<GlobalLockHold> Holds
    {
        get
        {
            lock (gate)
                return [.. holds];
        }
    }

    /// <summary>How many came when there was no more room.</summary>
    public long LeftOut => Interlocked.Read(ref left);

    /// <summary>Ends the recording.</summary>
    public void Dispose() => onEnd(this);

    internal void Add(Thread thread, long from, long to, GlobalLockRelease why)
    {
        lock (gate)
        {
            if (holds.Count >= capacity)
                left++;
            else if (from >= started)
                holds.Add(new(thread, Stopwatch.GetElapsedTime(started, from), Stopwatch.GetElapsedTime(started, to), why));
        }
    }
}
