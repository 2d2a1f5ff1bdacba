using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class ThreadPoolTests : ElasticPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Threads(workers, settings.In(new ThreadWorkerPoolOptions()));
}
