using Kernmantle.SharedBuffers;
using Kernmantle.Calls;
using Kernmantle.Logging.Events;
using Kernmantle.Payloads;
using Kernmantle.Processes.Supervision.Deaths;
using Kernmantle.Processes.Transport;
using Kernmantle.Processes.Transport.Shared;

namespace Kernmantle.Processes.Supervision;

/// <summary>The quick way, which a worker over shared memory has.</summary>
internal sealed partial class ProcessLink : IQuickReceiver
{
    private SharedMemoryTransport? shared;

    public override bool TakesQuickCalls => shared is not null;

    public override void Offer(QuickCall call)
    {
        if (call.Function!.AssignsUntold)
            TellAssigned(call.Function);
        if ((LendFor(call) as Exception ?? shared!.Offer(call)) is { } failure)
            owner.OnQuickFinished(this, call, Outcome.Failed(failure));
    }

    private void TellAssigned(Function function)
    {
        if (function.TakeAssigned() is { Count: > 0 } variables)
            CallEvents.AssignsCaptured(log, function.DisplayName, string.Join(", ", variables).Replace("The captured variable", "the captured variable", StringComparison.Ordinal));
    }

    private InsufficientMemoryException? LendFor(QuickCall call)
    {
        if (call.Lent.Count == 0)
            return null;
        try
        {
            Lend(call.Lent);
            return null;
        }
        catch (InsufficientMemoryException e)
        {
            return e;
        }
    }

    /// <exception cref="InsufficientMemoryException">The worker cannot get it.</exception>
    private void Lend(IReadOnlyList<SharedBlock> blocks)
    {
        foreach (SharedBlock block in blocks)
        {
            if (shared is null)
                throw new InsufficientMemoryException("A shared buffer cannot be handed to this worker: there was no memory for its rings, so that it is reached over a socket.");
            shared.Share(block);
        }
    }

    public override bool Attend(QuickCall call, bool block) => shared!.Attend(call, block);

    public override long LastBegun => shared?.LastBegun ?? 0;

    public override Overrun PartOf(long number) => shared!.PartOf(number);

    public override void CancelQuick(QuickCall call) => shared?.Send(FrameKind.CancelQuick, call.Sequence, default);

    public override bool TryRecall(out long first, out long last) => shared!.TryRecall(out first, out last);

    public override void WakeCaller() => shared?.WakeCaller();

    public override void Retire() => shared?.Close();

    public override WorkerException EndForViolation(QuickCall call, string violation)
    {
        shared!.Fail(new ProtocolViolationException(violation));
        return new WorkerDeath { WorkerName = name, ProcessId = process!.Id, LastLines = sink!.LastLines, Violation = violation }.ToFailure(call);
    }

    void IQuickReceiver.OnQuickResult(QuickCall call, ReadOnlySpan<byte> body)
    {
        var reader = new PayloadReader(body, null, shared);
        if (call is BatchCall batch)
        {
            batch.ReadResult(ref reader);
            CountAnswer(batch);
            return;
        }
        call.Taker = this;
        if (call is { IsSynchronous: true, IsPlain: false })
            call.KeepResult(body);
        else
            call.ReadResult(ref reader);
        owner.OnQuickFinished(this, call, null);
    }

    private void CountAnswer(BatchCall batch)
    {
        if (batch.CountAnswer())
            owner.OnQuickFinished(this, batch, null);
    }

    void IQuickReceiver.OnQuickEnd(QuickCall call, FrameKind kind, ReadOnlySpan<byte> body)
    {
        if (kind is not (FrameKind.Failed or FrameKind.Cancelled or FrameKind.NotPortable or FrameKind.TooLarge or FrameKind.Unavailable))
            throw new ProtocolViolationException($"a quick call that ends with a {kind} frame");
        var reader = new PayloadReader(body);
        OnCallFrame(kind, call, ref reader);
    }
}
