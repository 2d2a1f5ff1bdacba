using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.InProcess.Inline;

/// <summary>
/// The caller is the worker. Each concurrent caller gets a slot of its own; calls with a key, and objects, share
/// <see cref="PinnedSlots"/> slots so that they keep their order.
/// </summary>
internal sealed class InlineKind(bool verifyPortable, InlinePoolOptions options) : WorkerKind
{
    private const int PinnedSlots = 16;

    private readonly FailureInjection? injection = options.FailureGenerator is { } generator ? new(generator) : null;

    public override bool CallerIsWorker => true;

    public override int Slots(int workers) => PinnedSlots;

    public override long EncodeLimit => verifyPortable ? int.MaxValue : 0;

    public override string Place => "inline";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new InlineWorker(owner, name, id, verifyPortable, options, injection);

    /// <summary>It waited for another caller's call: that caller's stack is not the place for it.</summary>
    public override void DispatchLater(PoolWorker worker, Call call) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.worker.Dispatch(work.call), (worker, call), preferLocal: false);
}
