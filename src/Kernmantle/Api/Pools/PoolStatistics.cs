using System.Globalization;

namespace Kernmantle;

/// <summary>Figures of a pool, taken at one moment.</summary>
public sealed class PoolStatistics
{
    internal PoolStatistics()
    {
    }

    /// <summary>Workers ready for, or busy with, a call.</summary>
    public int Workers { get; internal init; }

    /// <summary>Calls, and items of maps, that have not begun: in the queue, handed to a worker in advance, and <see cref="Waiting"/>.</summary>
    public int Queued { get; internal init; }

    /// <summary>Of those, the ones for which the queue has no room yet.</summary>
    public int Waiting { get; internal init; }

    /// <summary>Calls handed to a worker and not ended.</summary>
    public int Running { get; internal init; }

    /// <summary>Calls, and items of maps, that returned a result.</summary>
    public long Completed { get; internal init; }

    /// <summary>Calls, and items of maps, that failed, by exception, timeout, crash or any other failure.</summary>
    public long Failed { get; internal init; }

    /// <summary>Calls, and items of maps, that were cancelled.</summary>
    public long Cancelled { get; internal init; }

    /// <summary>Attempts repeated by a <see cref="RetryPolicy"/>.</summary>
    public long Retried { get; internal init; }

    /// <summary>Workers that replaced a dead, killed or abandoned one.</summary>
    public long Replaced { get; internal init; }

    /// <summary>Workers that were well and were replaced for their age or use: see <see cref="RecyclingOptions"/>.</summary>
    public long Recycled { get; internal init; }

    /// <summary>Workers ready to take the place of another one: see <see cref="ProcessPoolOptions.Spares"/>.</summary>
    public int Spares { get; internal init; }

    /// <summary>Threads abandoned in a function that would not stop and has not ended since. Always 0 for processes.</summary>
    public int LostThreads { get; internal init; }

    /// <summary>All of them, for logs and messages.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Workers} workers, {Spares} spares, {LostThreads} lost threads; {Queued} queued ({Waiting} waiting), {Running} running; {Completed} completed, {Failed} failed, {Cancelled} cancelled, {Retried} retried; {Replaced} replaced, {Recycled} recycled");
}
