using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Death;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane;

/// <summary>The quick way, which a worker over shared memory has.</summary>
internal sealed partial class ProcessLink : IQuickReceiver
{
    private SharedMemoryTransport? shared;

    public override bool TakesQuickCalls => shared is not null;

    private HandingOver? handing;

    public override void Offer(QuickCall call, long place) => handing!.Bring(call, place);

    /// <summary>Returns what is to be said of it outside of the lock.</summary>
    private Action? HandOver(QuickCall call)
    {
        if (!TryPrepareLimits(call, out Action? after))
            return after;
        if (call.Items is { } items)
            Watch(items, call);
        if (call.Function!.AssignsUntold)
            after += TellAssigned(call.Function);
        return (LendFor(call) as Exception ?? shared!.Offer(call)) is { } failure ? after + Fail(call, failure) : after;
    }

    private Action Fail(QuickCall call, Exception failure) => () => owner.OnQuickFinished(this, call, Outcome.Failed(failure));

    private void Watch(StreamItems items, QuickCall call) => items.EndForViolation = violation => EndForViolation(call, violation);

    private Action TellAssigned(Function function) => () =>
    {
        if (function.TakeAssigned() is { Count: > 0 } variables)
            CallEvents.AssignsCaptured(log, function.DisplayName, string.Join(", ", variables).Replace("The captured variable", "the captured variable", StringComparison.Ordinal));
    };

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
            shared.Buffers.Share(block);
        }
    }

    public override bool Look(QuickCall call) => shared!.Attend(call, Attendance.Look);

    public override bool Sleep(QuickCall call) => shared!.Attend(call, Attendance.Sleep);

    public override bool Leave(QuickCall call) => shared!.Attend(call, Attendance.Leave);

    public override long LastBegun => shared?.LastBegun ?? 0;

    public override Overrun PartOf(long number) => shared!.PartOf(number);

    public override Overrun TimeOf(QuickCall call, long number, out long started)
    {
        Overrun part = shared!.Clock.TimeOf(number, out started);
        if (part != Overrun.Function)
            return part;
        long now = settings.Clock.GetTimestamp();   // after the word was read
        if (started == LinkWords.Stands)
        {
            started = now;
        }
        else if (!ReferenceEquals(settings.Clock, TimeProvider.System))
        {
            started = call.PlacedAt;   // a worker knows no clock but the system's
        }
        else if (started < call.PlacedAt || started > now || (call.Started.Number == number && call.Started.At != started))
        {
            shared.Fail(new ProtocolViolationException(started > now ? "a clock that starts in the future" : started < call.PlacedAt ? "a clock that started before its call was sent" : "a clock that starts twice"));
            return Overrun.None;   // it ends for that, and not for a timeout
        }
        else
        {
            call.Started = (number, started);
        }
        return part;
    }

    public override bool HasUnheardQuick => shared!.HasUnheard;

    public override void CancelQuick(QuickCall call) => shared?.Cancel(call);

    public override bool TryRecall(out long first, out long last)
    {
        using Lock.Scope _ = handing!.Hold();
        if (!shared!.TryRecall(out first, out last))
            return false;
        handing.TakeBack(Placed);
        return true;
    }

    public override void WakeCaller() => shared?.WakeCaller();

    public override void Retire()
    {
        handing?.TakeBack(long.MaxValue);
        shared?.Close();
    }

    public override WorkerException EndForViolation(QuickCall call, string violation)
    {
        shared!.Fail(new ProtocolViolationException(violation));
        return new WorkerDeath { WorkerName = name, ProcessId = process!.Id, LastLines = sink!.LastLines, Violation = violation }.ToFailure(call);
    }

    void IQuickReceiver.OnQuickResult(QuickCall call, ReadOnlySpan<byte> body, bool isOwn)
    {
        var reader = new PayloadReader(body, null, shared?.Buffers);
        if (call is BatchCall batch)
        {
            batch.Taker = this;
            batch.ReadResult(ref reader);
            CountAnswer(batch);
            return;
        }
        call.Taker = this;
        if (EndLimits(call, null) is { } late)
        {
            owner.OnQuickFinished(this, call, late, workerUnfit: true);
            return;
        }
        if (!call.IsPlain && (isOwn || call.IsSynchronous))
            call.KeepResult(body);   // the thread of its caller reads it
        else
            call.ReadResult(ref reader);
        owner.OnQuickFinished(this, call, null);
    }

    private void CountAnswer(BatchCall batch)
    {
        if (batch.IsTimed && !ReferenceEquals(settings.Clock, TimeProvider.System))
            batch.PlacedAt = settings.Clock.GetTimestamp();   // the next item cannot have begun before, whatever the worker's clock says
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
