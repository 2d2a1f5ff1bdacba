namespace Kernmantle;

/// <summary>Figures of a pool, taken at one moment.</summary>
public sealed record PoolStatistics
{
    /// <summary>Workers ready for, or busy with, a call.</summary>
    public required int Workers { get; init; }

    /// <summary>Calls, and items of maps, that have not begun: in the queue, handed to a worker in advance, and <see cref="Waiting"/>.</summary>
    public required int Queued { get; init; }

    /// <summary>Of those, the ones for which the queue has no room yet.</summary>
    public int Waiting { get; init; }

    /// <summary>Calls handed to a worker and not ended.</summary>
    public required int Running { get; init; }

    /// <summary>Calls, and items of maps, that returned a result.</summary>
    public required long Completed { get; init; }

    /// <summary>Calls, and items of maps, that failed, by exception, timeout, crash or any other failure.</summary>
    public required long Failed { get; init; }

    /// <summary>Calls, and items of maps, that were cancelled.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Attempts repeated by a <see cref="RetryPolicy"/>.</summary>
    public required long Retried { get; init; }

    /// <summary>Workers that replaced a dead, killed or abandoned one.</summary>
    public required long Replaced { get; init; }

    /// <summary>Workers that were well and were replaced for their age or use: see <see cref="RecyclingOptions"/>.</summary>
    public long Recycled { get; init; }

    /// <summary>Workers ready to take the place of another one: see <see cref="ProcessPoolOptions.Spares"/>.</summary>
    public int Spares { get; init; }

    /// <summary>Threads abandoned in a function that would not stop and has not ended since. Always 0 for processes.</summary>
    public required int LostThreads { get; init; }
}
