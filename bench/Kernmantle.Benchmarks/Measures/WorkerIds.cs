namespace Kernmantle.Benchmarks.Measures;

/// <summary>The process ids of a pool's workers, which only the workers know.</summary>
internal static class WorkerIds
{
    public static async Task<int[]> OfAsync(WorkerPool pool, int workers)
    {
        var ids = new HashSet<int>();
        for (int i = 0; ids.Count < workers; i++)
        {
            if (i == 1000)
                throw new InvalidOperationException($"Only {ids.Count} of {workers} workers answer.");
            // As many calls at once as workers, each long enough that every worker gets one.
            ids.UnionWith(await Task.WhenAll(Enumerable.Range(0, workers * 2).Select(_ => pool.RunAsync(Functions.WaitAndTellId, 20))));
        }
        return [.. ids];
    }
}
