using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class ExclusivePoolTests : WorkerPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Exclusive(workers, null, settings.In(new ExclusivePoolOptions()));
}
