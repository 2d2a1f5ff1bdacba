using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class EventLoopTests : QueueingPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.EventLoop(settings.In(new EventLoopOptions { MaxConcurrency = workers }));
}
