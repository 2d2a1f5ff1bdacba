using Kernmantle.Scheduling;

namespace Kernmantle.InProcess.Threads;

/// <summary>Dedicated threads.</summary>
internal sealed class ThreadKind(ThreadWorkerPoolOptions options) : WorkerKind
{
    public override string Place => "threads";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new ThreadPoolWorker(owner, name, id, options);
}
