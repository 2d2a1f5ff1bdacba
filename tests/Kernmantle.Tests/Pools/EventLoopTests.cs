using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class EventLoopTests : WorkerPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.EventLoop(settings.In(new EventLoopOptions { MaxConcurrency = workers }));
}
