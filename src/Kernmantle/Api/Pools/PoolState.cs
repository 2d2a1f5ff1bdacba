namespace Kernmantle;

/// <summary>What a pool can do at a moment.</summary>
public enum PoolState
{
    /// <summary>Its workers have not all been ready yet; they start at the first call, or with <see cref="WorkerPool.StartAsync"/>. Calls are taken.</summary>
    Starting,

    /// <summary>All workers are ready for, or busy with, calls. An elastic pool may have none, and one that grows is running too.</summary>
    Running,

    /// <summary>Workers are missing, and are being replaced. Calls are taken, and run on the others.</summary>
    Degraded,

    /// <summary>
    /// Workers do not stay alive, and the pool has given up for a while, or for good: calls fail at once with <see cref="PoolBrokenException"/>, which
    /// says when a worker is tried again.
    /// </summary>
    Broken,

    /// <summary>It is being disposed of: calls made before may finish, new ones are refused.</summary>
    Draining,

    /// <summary>It has been disposed of: calls have ended, and the workers end.</summary>
    Disposed,
}
