using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>A kind of pool of this library, one pool for each number of workers.</summary>
internal class PoolPlace(string name, long steps, Func<int, WorkerPool> create) : IWorkPlace, IAsyncDisposable
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

/// <summary>Threads under one global lock, used as an interpreter uses its own: computing gives way when asked to, waiting goes without.</summary>
internal sealed class GlobalLockPlace(long steps, Func<int, GlobalLock, WorkerPool> create) : PoolPlace(Places.GlobalLock, steps, workers => create(workers, Gil))
{
    private const int PieceSteps = 5_000;

    private static readonly GlobalLock Gil = new();

    protected override Task UnitAsync(WorkerPool pool, long steps, bool computing, CancellationToken cancellationToken) => computing
        ? pool.RunAsync(static steps => Compute(steps), steps, cancellationToken)
        : pool.RunAsync(static () => Wait(), cancellationToken);

    private static void Compute(long steps)
    {
        for (long done = 0; done < steps; done += PieceSteps)
        {
            Load.Compute(PieceSteps);
            Gil.Checkpoint();
        }
    }

    private static void Wait()
    {
        using (Gil.AllowThreads())
            Thread.Sleep(Load.Wait);
    }
}

/// <summary>Asynchronous functions in turns on one thread: so many at a time as there would be workers.</summary>
internal sealed class EventLoopPlace(long steps, Func<int, WorkerPool> create) : PoolPlace(Places.EventLoop, steps, create)
{
    private const int PieceSteps = 50_000;

    protected override Task UnitAsync(WorkerPool pool, long steps, bool computing, CancellationToken cancellationToken) => computing
        ? pool.RunAsync(static steps => ComputeAsync(steps), steps, cancellationToken)
        : pool.RunAsync(static () => Task.Delay(Load.Wait), cancellationToken);

    private static async Task ComputeAsync(long steps)
    {
        for (long done = 0; done < steps; done += PieceSteps)
        {
            Load.Compute(PieceSteps);
            await Task.Yield();
        }
    }
}
