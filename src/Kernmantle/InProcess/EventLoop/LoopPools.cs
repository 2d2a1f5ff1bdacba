using Kernmantle.Scheduling;

namespace Kernmantle.InProcess.EventLoop;

/// <summary>One thread, on which calls interleave.</summary>
internal sealed class EventLoopPool(EventLoopOptions options) : ScheduledPool(1, 1, options, options.MaxConcurrency)
{
    private protected override long EncodeLimit => 0;

    internal override int MapWindow => Math.Max(base.MapWindow, options.MaxConcurrency);

    private protected override PoolWorker CreateWorker(Slot slot, string name, int id) => new LoopWorker(this, name, id, options) { Interleaves = true };
}

/// <summary>Threads of which one runs at a time.</summary>
internal sealed class ExclusivePool(int workers, GlobalLock gil, ThreadWorkerPoolOptions options) : ScheduledPool(workers, workers, options)
{
    private protected override long EncodeLimit => 0;

    private protected override PoolWorker CreateWorker(Slot slot, string name, int id) => new LoopWorker(this, name, id, options, gil, options.StackSizeBytes);
}
