using System.Diagnostics.CodeAnalysis;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane.Link;

/// <summary>How calls end that the worker has answered: reported to its owner.</summary>
internal sealed class LinkEnds(LinkContext link, LinkCalls calls, LinkClock clock, LinkLimits limits)
{
    /// <summary>Streams with an item that could not be made, which their worker has not ended yet: what they come to. Guarded by <see cref="LinkContext.Gate"/>.</summary>
    private readonly Dictionary<long, Outcome> decided = [];

    public void Finish(Call call, Outcome outcome, bool unfit = false)
    {
        if (IsDecided(call, out Outcome? its))
            outcome = its;
        if (limits.End(call, outcome.Failure) is { } late)
            (outcome, unfit) = (late, true);
        if (call is QuickCall { Sequence: > 0 } quick)
        {
            if (quick is BatchCall batch)
                FinishItem(batch, outcome, unfit);
            else
                link.Owner.OnQuickFinished(link.Worker, quick, outcome, unfit);
            return;
        }
        lock (link.Gate)
        {
            calls.End(call);
            clock.End(call);
            decided.Remove(call.Id);
            link.Interruption?.Forget(call.Id);
        }
        link.Owner.OnFinished(link.Worker, call, outcome, unfit || call.EndsWorker);
    }

    /// <summary>The quick call has failed.</summary>
    public void FinishQuick(QuickCall call, Outcome failure, bool unfit = false) => link.Owner.OnQuickFinished(link.Worker, call, failure, unfit);

    /// <summary>The call, which its worker has not ended yet, will come to that whatever it says.</summary>
    public void Decide(Call call, Outcome outcome)
    {
        lock (link.Gate)
            decided[call.Id] = outcome;
    }

    /// <summary>What it will come to.</summary>
    public bool IsDecided(Call call, [MaybeNullWhen(false)] out Outcome outcome)
    {
        lock (link.Gate)
            return decided.TryGetValue(call.Id, out outcome);
    }

    /// <summary>One more item of the batch is answered. True: it was the last.</summary>
    public bool CountAnswer(BatchCall batch)
    {
        MoveClock(batch);
        return batch.CountAnswer();
    }

    /// <summary>The same for so many at once, whose results those are.</summary>
    /// <exception cref="InvalidPayloadException">They are no results.</exception>
    public bool CountAnswers(BatchCall batch, int item, int count, ReadOnlySpan<byte> answers)
    {
        MoveClock(batch);
        return batch.TakeResults(item, count, answers);
    }

    /// <summary>The next item cannot have begun before, whatever the worker's clock says.</summary>
    private void MoveClock(BatchCall batch)
    {
        if (batch.IsTimed && !ReferenceEquals(link.Settings.Clock, TimeProvider.System))
            batch.PlacedAt = link.Settings.Clock.GetTimestamp();
    }

    /// <summary>The worker answered with a failure.</summary>
    public void Fail(Call call, RemoteFailure failure)
    {
        WorkerException remote = link.Dialect?.FailureOf(failure, call) ?? failure.ToException(link.Name, call.Name);
        if (limits.Explain(call, failure, remote) is { } limited)
        {
            Finish(call, Outcome.Failed(limited), unfit: true);
            return;
        }
        if (link.Dialect is not null || failure.TypeName != typeof(OutOfMemoryException).FullName)
        {
            bool lost = failure.TypeName == typeof(StateLostException).FullName;
            Finish(call, Outcome.Failed(lost ? new StateLostException(failure.Message, remote) : remote));
            return;
        }
        long limit = link.Settings.ManagedHeapLimitBytes ?? 0;
        string text = limit > 0
            ? $"{call.Name} reached the managed heap limit of its worker ({limit} bytes). Raise ManagedHeapLimitBytes, or give it less at once."
            : $"{call.Name} ran out of memory. Give the machine or container more, or give it less at once.";
        Finish(call, Outcome.Failed(new MemoryLimitException(link.Settings.IsReplaced ? $"{text} The worker was replaced." : text, limit, innerException: remote)), unfit: true);
    }

    private void FinishItem(BatchCall batch, Outcome outcome, bool unfit)
    {
        if (outcome.Failure is WorkerException failure)
            (failure.CallName, failure.WorkerName) = (batch.Name, link.Name);
        batch.FailItem(outcome);
        if (unfit)
            link.Owner.OnQuickFinished(link.Worker, batch, batch.CountAnswer() ? null : outcome, unfit);
        else if (CountAnswer(batch))
            link.Owner.OnQuickFinished(link.Worker, batch, null);
    }
}
