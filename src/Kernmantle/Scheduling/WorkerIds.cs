namespace Kernmantle.Scheduling;

/// <summary>Ids of workers, of every kind, unique in this process.</summary>
internal static class WorkerIds
{
    private static int last;

    public static int Next() => Interlocked.Increment(ref last);
}
