using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class ThreadPoolTests : WorkerPoolContract
{
    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Threads(workers, new()
    {
        QueueCapacity = settings.QueueCapacity,
        QueueFull = settings.QueueFull,
        Timeout = settings.Timeout,
        Retry = settings.Retry,
        KillGrace = settings.KillGrace,
        DrainTimeout = settings.DrainTimeout,
        StreamWindow = settings.StreamWindow,
        OnWorkerStart = settings.OnWorkerStart,
        LoggerFactory = settings.LoggerFactory,
    });
}
