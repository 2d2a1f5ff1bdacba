using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class ProcessPoolTests : WorkerPoolContract
{
    protected override bool OtherProcess => true;

    protected override bool CanKill => true;

    protected override bool Copies => true;

    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Processes(workers, new()
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
