using Kernmantle.Contracts;

namespace Kernmantle.Tests.Pools;

public abstract class ProcessPoolContract(WorkerTransport transport) : ElasticPoolContract
{
    protected override bool OtherProcess => true;

    protected override bool CanKill => true;

    protected override bool Copies => true;

    protected override WorkerPool Create(int workers, Settings settings) =>
        WorkerPool.Processes(workers, settings.In(new ProcessPoolOptions { Transport = transport }));
}

public sealed class SharedMemoryPoolTests() : ProcessPoolContract(WorkerTransport.SharedMemory);

[SecondStage]
public sealed class SocketPoolTests() : ProcessPoolContract(WorkerTransport.Socket);
