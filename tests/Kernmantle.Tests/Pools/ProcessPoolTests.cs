using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public sealed class ProcessPoolTests : WorkerPoolContract
{
    protected override bool OtherProcess => true;

    protected override bool CanKill => true;

    protected override bool Copies => true;

    protected override WorkerPool Create(int workers, Settings settings) => WorkerPool.Processes(workers, settings.In(new ProcessPoolOptions()));
}
