namespace Kernmantle;

/// <summary>One pool at one moment. Immutable.</summary>
public sealed class PoolSnapshot
{
    /// <summary>Unique in the program, unlike the name.</summary>
    public int Number { get; init; }

    /// <summary>As <see cref="WorkerPoolOptions.Name"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>What its workers are: <c>processes</c>, <c>threads</c>, <c>exclusive</c>, <c>event-loop</c>, <c>inline</c> or <c>python</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What it can do.</summary>
    public PoolState State { get; init; }

    /// <summary>As <see cref="PoolStatistics.Queued"/>.</summary>
    public int Queued { get; init; }

    /// <summary>As <see cref="WorkerPoolOptions.QueueCapacity"/>.</summary>
    public int QueueCapacity { get; init; }

    /// <summary>As <see cref="PoolStatistics.Waiting"/>.</summary>
    public int Waiting { get; init; }

    /// <summary>As <see cref="PoolStatistics.Running"/>.</summary>
    public int Running { get; init; }

    /// <summary>As <see cref="PoolStatistics.Completed"/>.</summary>
    public long Completed { get; init; }

    /// <summary>As <see cref="PoolStatistics.Failed"/>.</summary>
    public long Failed { get; init; }

    /// <summary>As <see cref="PoolStatistics.Cancelled"/>.</summary>
    public long Cancelled { get; init; }

    /// <summary>As <see cref="PoolStatistics.Retried"/>.</summary>
    public long Retried { get; init; }

    /// <summary>As <see cref="PoolStatistics.Replaced"/>.</summary>
    public long Replaced { get; init; }

    /// <summary>As <see cref="PoolStatistics.Recycled"/>.</summary>
    public long Recycled { get; init; }

    /// <summary>As <see cref="PoolStatistics.Spares"/>.</summary>
    public int Spares { get; init; }

    /// <summary>Its workers, at most 500, in their order.</summary>
    public IReadOnlyList<WorkerSnapshot> Workers { get; init; } = [];

    /// <summary>Its functions, at most 200 and one for all others, as far as somebody has looked: see <see cref="Inspector.Look"/>.</summary>
    public IReadOnlyList<FunctionSnapshot> Functions { get; init; } = [];
}

/// <summary>One worker of a pool at one moment. Immutable.</summary>
public sealed class WorkerSnapshot
{
    /// <summary>Names this worker, and not the one that takes its place: for <see cref="Inspector.KillWorker"/> and the like.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>busy</c>, <c>idle</c>, <c>starting</c>, <c>missing</c> (it has died, and no other is there yet) or <c>parked</c> (none is needed).</summary>
    public string State { get; init; } = "";

    /// <summary>The id of its process; null where it has none of its own.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The call that it runs, and since when; of several, one.</summary>
    public CallSnapshot? Call { get; init; }

    /// <summary>How many calls it has begun and not ended: more than one where functions interleave.</summary>
    public int Running { get; init; }

    /// <summary>Calls, and items of maps, that it has done since it was ready, as far as the inspection was switched on.</summary>
    public long Calls { get; init; }

    /// <summary>Processor time since its start, in seconds; null for threads.</summary>
    public double? CpuSeconds { get; init; }

    /// <summary>What its process has resident; null for threads.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>What it may have; null for no limit.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>How long it has been ready, in seconds; null where it is not.</summary>
    public double? AgeSeconds { get; init; }

    /// <summary>Why the last one in its place ended, if that was not planned.</summary>
    public string? LastDeath { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastDeathAt { get; init; }
}

/// <summary>One call that runs, at one moment. Immutable.</summary>
public sealed class CallSnapshot
{
    /// <summary>Unique in the program: for <see cref="Inspector.CancelCall"/>.</summary>
    public long Id { get; init; }

    /// <summary>Its name: <see cref="CallOptions.Name"/>, or that of its function.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its pool.</summary>
    public string Pool { get; init; } = "";

    /// <summary>Its worker.</summary>
    public string Worker { get; init; } = "";

    /// <summary>How long its worker has had it.</summary>
    public double Seconds { get; init; }

    /// <summary>Which attempt it is, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>How many items of a map, or short calls that joined on their way, it stands for; 1 for a call.</summary>
    public int Items { get; init; }
}
