using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>A kind of pool of this library, one pool for each number of workers.</summary>
internal class PoolPlace(string name, long steps, Func<int, WorkerPool> create) : IWorkPlace
{
    private readonly Dictionary<int, WorkerPool> pools = [];

    public string Name => name;

    public async Task PrepareAsync(int workers, CancellationToken cancellationToken)
    {
        pools[workers] = create(workers);
        await pools[workers].StartAsync(cancellationToken);
    }

    public Task<double> RunAsync(int workers, int units, bool computing, CancellationToken cancellationToken) =>
        Turns.TimeAsync(() => Task.WhenAll(Enumerable.Range(0, units).Select(_ => UnitAsync(pools[workers], steps, computing, cancellationToken))));

    public async ValueTask DisposeAsync()
    {
        foreach (WorkerPool pool in pools.Values)
            await pool.DisposeAsync();
    }

    protected virtual Task UnitAsync(WorkerPool pool, long steps, bool computing, CancellationToken cancellationToken) => computing
        ? pool.RunAsync(static steps => Load.Compute(steps), steps, cancellationToken)
        : pool.RunAsync(static () => Thread.Sleep(Load.Wait), cancellationToken);
}
