using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Death;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Link;

/// <summary>The quick way, which a worker over shared memory has: what a call needs before it is handed over, and what is believed of its clock.</summary>
internal sealed class LinkQuick
{
    private readonly LinkContext link;
    private readonly LinkSender sender;
    private readonly LinkFunctions functions;
    private readonly LinkLimits limits;
    private readonly LinkObjects objects;
    private readonly HandingOver handing;

    public LinkQuick(LinkContext link, LinkSender sender, LinkFunctions functions, LinkLimits limits, LinkObjects objects)
    {
        (this.link, this.sender, this.functions, this.limits, this.objects) = (link, sender, functions, limits, objects);
        handing = new(HandOver);
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.Offer"/>.</summary>
    public void Offer(QuickCall call, long place) => handing.Bring(call, place);

    /// <summary>As <see cref="Scheduling.PoolWorker.TryRecall"/>; up to the last place that was given, nothing is handed over any more.</summary>
    public bool TryRecall(long placed, out long first, out long last)
    {
        using Lock.Scope _ = handing.Hold();
        if (!link.Shared!.TryRecall(out first, out last))
            return false;
        handing.TakeBack(placed);
        return true;
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.TakeNoMore"/>.</summary>
    public void TakeNoMore() => handing.TakeBack(long.MaxValue);

    /// <summary>As <see cref="Scheduling.PoolWorker.Retire"/>.</summary>
    public void Retire()
    {
        TakeNoMore();
        link.Shared?.Close();
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.TimeOf"/>.</summary>
    public Overrun TimeOf(QuickCall call, long number, out long started)
    {
        Overrun part = link.Shared!.Clock.TimeOf(number, out started);
        if (part != Overrun.Function)
            return part;
        long now = link.Settings.Clock.GetTimestamp();   // after the word was read
        if (started == LinkWords.Stands)
        {
            started = now;
        }
        else if (!ReferenceEquals(link.Settings.Clock, TimeProvider.System))
        {
            started = call.PlacedAt;   // a worker knows no clock but the system's
        }
        else if (started < call.PlacedAt || started > now || (call.Started.Number == number && call.Started.At != started))
        {
            link.Shared.Fail(new ProtocolViolationException(started > now ? "a clock that starts in the future" : started < call.PlacedAt ? "a clock that started before its call was sent" : "a clock that starts twice"));
            return Overrun.None;   // it ends for that, and not for a timeout
        }
        else
        {
            call.Started = (number, started);
        }
        return part;
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.EndForViolation"/>.</summary>
    public WorkerException EndForViolation(QuickCall call, string violation)
    {
        link.Shared!.Fail(new ProtocolViolationException(violation));
        return new WorkerDeath { WorkerName = link.Name, ProcessId = link.Process!.Id, LastLines = link.Sink!.LastLines, Violation = violation }.ToFailure(call);
    }

    /// <summary>Returns what is to be said of it outside of the lock.</summary>
    private Action? HandOver(QuickCall call)
    {
        if (!limits.TryPrepare(call, out Action? after))
            return after;
        if (call.Items is { } items)
            Watch(items, call);
        if (call.Function!.AssignsUntold)
            after += SayAssigned(call.Function);
        objects.Hand(call.Handed);
        return (LendFor(call) as Exception ?? link.Shared!.Offer(call)) is { } failure ? after + Fail(call, failure) : after;
    }

    private void Watch(StreamItems items, QuickCall call) => items.EndForViolation = violation => EndForViolation(call, violation);

    private Action SayAssigned(Function function) => () => functions.TellAssigned(function);

    private Action Fail(QuickCall call, Exception failure) => () => link.Owner.OnQuickFinished(link.Worker, call, Outcome.Failed(failure));

    private InsufficientMemoryException? LendFor(QuickCall call)
    {
        if (call.Lent.Count == 0)
            return null;
        try
        {
            sender.Lend(call.Lent);
            return null;
        }
        catch (InsufficientMemoryException e)
        {
            return e;
        }
    }
}
