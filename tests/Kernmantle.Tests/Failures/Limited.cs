namespace Kernmantle.Tests.Failures;

/// <summary>Pools whose calls have limits.</summary>
internal static class Limited
{
    public const long MiB = 1 << 20;

    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    public static WorkerPool CreatePool(bool controlGroups = true) => WorkerPool.Processes(1, new() { UseControlGroups = controlGroups });

    public static bool HasGroup(LimitEnforcement enforcement) => (enforcement.Means & (LimitMeans.ControlGroupV1 | LimitMeans.ControlGroupV2)) != 0;

    public static async Task IsWellAsync(WorkerPool pool, int replaced)
    {
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Equal(replaced, pool.Statistics.Replaced);
    }
}
