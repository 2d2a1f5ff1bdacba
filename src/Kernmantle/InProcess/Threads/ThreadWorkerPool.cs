using Kernmantle.Scheduling;

namespace Kernmantle.InProcess.Threads;

/// <summary>A pool of dedicated threads.</summary>
internal sealed class ThreadWorkerPool(int workers, ThreadWorkerPoolOptions options) : ScheduledPool(workers, workers, options)
{
    private protected override long EncodeLimit => 0;

    private protected override PoolWorker CreateWorker(Slot slot, string name, int id) => new ThreadPoolWorker(this, name, id, options);
}
