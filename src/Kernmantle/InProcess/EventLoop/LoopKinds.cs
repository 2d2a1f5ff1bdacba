using Kernmantle.Scheduling;

namespace Kernmantle.InProcess.EventLoop;

/// <summary>One thread, on which calls interleave.</summary>
internal sealed class EventLoopKind(EventLoopOptions options) : WorkerKind
{
    public override int MaxInterleaved => options.MaxConcurrency;

    public override int MapWindow(int workers) => Math.Max(base.MapWindow(workers), options.MaxConcurrency);

    public override string Place => "event-loop";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new LoopWorker(owner, name, id, options) { Interleaves = true };
}

/// <summary>Threads of which one runs at a time.</summary>
internal sealed class ExclusiveKind(GlobalLock globalLock, ThreadWorkerPoolOptions options) : WorkerKind
{
    public override string Place => "exclusive";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new LoopWorker(owner, name, id, options, globalLock, options.StackSizeBytes);
}
