namespace Kernmantle.Telemetry;

/// <summary>A pool, to whoever collects: asked on his thread. Thread-safe.</summary>
internal interface IPoolGauges
{
    PoolGauges Read();

    /// <summary>Of its workers that run. Makes some system calls for each.</summary>
    IReadOnlyList<WorkerGauges> ReadWorkers();

    /// <summary>Records what waits to be recorded, unless somebody is at it.</summary>
    void Record();
}

/// <summary>Figures of one pool at one moment.</summary>
internal readonly record struct PoolGauges(long Queued, int Idle, int Busy, int Starting, int Spares, long Completed, long Failed, long Cancelled);

/// <summary>What one worker uses.</summary>
/// <param name="Name">Of its place in the pool.</param>
/// <param name="IsProcess">It has a process of its own, of which the next two tell.</param>
/// <param name="ProcessorTime">Since its start.</param>
/// <param name="ResidentBytes">At this moment.</param>
/// <param name="SharedBytes">What it shares with this process, buffers excepted.</param>
internal readonly record struct WorkerGauges(string Name, bool IsProcess, TimeSpan ProcessorTime, long ResidentBytes, long SharedBytes);
