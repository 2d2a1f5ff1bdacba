using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public class ExclusivePoolTests : ElasticPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Exclusive(workers, null, settings.In(new ThreadWorkerPoolOptions()));
}

/// <summary>The same, while another pool is busy under the same lock.</summary>
public sealed class SharedLockPoolTests : ElasticPoolContract, IAsyncDisposable
{
    private readonly GlobalLock gil = new(TimeSpan.FromMilliseconds(1));
    private readonly WorkerPool neighbour;
    private readonly CancellationTokenSource end = new();
    private readonly Task busy;

    public SharedLockPoolTests()
    {
        neighbour = WorkerPool.Exclusive(1, gil);
        busy = neighbour.RunAsync(() =>
        {
            while (!end.IsCancellationRequested)
                gil.Checkpoint();
        });
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await busy.WaitAsync(Deadline);
        await neighbour.DisposeAsync();
        end.Dispose();
    }

    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Exclusive(workers, gil, settings.In(new ThreadWorkerPoolOptions()));
}
