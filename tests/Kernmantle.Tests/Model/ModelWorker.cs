using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Tests.Model;

/// <summary>A lane without a process: it does what the history says, and reports to the scheduler on the same thread.</summary>
internal sealed class ModelWorker(IWorkerOwner owner, ModelKind kind, string name) : PoolWorker
{
    private readonly Queue<QuickCall> handed = new();
    private readonly List<ModelCall> interleaved = [];

    /// <summary>What it has answered and the scheduler has not heard.</summary>
    private readonly Queue<Action> unheard = new();

    private Func<Call?, WorkerException>? death;
    private ModelCall? dispatched;
    private bool hasBegun;
    private long lastSequence;
    private long lastBegun;
    private long lastAnswered;
    private long startedAt;
    private long lastPlace;
    private bool retired;
    private volatile bool takesNoMore;
    private volatile bool stopped;

    /// <summary>It has been ended, or has died: what it would say is nobody's.</summary>
    public bool IsGone { get; private set; }

    public bool IsStarted { get; private set; }

    public override bool CanKill => true;

    public override bool TakesQuickCalls => kind.TakesQuickCalls;

    public override long LastBegun => lastBegun;

    public override bool GivesEvidence => kind.GivesEvidence;

    public override Func<Call?, WorkerException>? Death => death;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (kind.FailingStarts > 0)
        {
            kind.FailingStarts--;
            return Task.FromException(Crash());
        }
        IsStarted = true;
        return Task.CompletedTask;
    }

    // --- What the scheduler does to it ---

    public override void Dispatch(Call call)
    {
        kind.Require(dispatched is null, $"{name} has {dispatched} and gets {call}");
        kind.Require(kind.MaxInterleaved > 1 || handed.Count == 0, $"{name} has quick calls and gets {call}");
        (dispatched, hasBegun) = ((ModelCall)call, false);
    }

    public override void CancelCall(Call call) => kind.Cancelled.Add(call);

    public override void CancelQuick(QuickCall call, long number) => kind.Cancelled.Add(call);

    public override void Offer(QuickCall call, long place)
    {
        if (takesNoMore)
            return;   // it was taken back
        kind.Require(place > lastPlace, $"{name} gets place {place} after {lastPlace}");
        lastPlace = place;
        call.First = lastSequence + 1;
        call.Sequence = lastSequence += call.Count;
        handed.Enqueue(call);
    }

    public override bool TryRecall(out long first, out long last)
    {
        (first, last) = (lastBegun + 1, lastSequence);
        if (!kind.AllowsRecall)
            return false;
        QuickCall[] stays = [.. handed.Where(c => c.First <= lastBegun)];
        handed.Clear();
        foreach (QuickCall call in stays)
            handed.Enqueue(call);
        return true;
    }

    public override void TakeNoMore() => takesNoMore = true;

    public override void Retire() => retired = takesNoMore = true;

    /// <remarks>By whoever hands calls over on another thread, one that has ended or is elsewhere would be prepared for it still: its memory would be nobody's.</remarks>
    public override void Kill()
    {
        kind.Require(takesNoMore || stopped, $"{name} is ended, and calls may be handed over to it");
        IsGone = true;
    }

    public override Overrun TimeOf(QuickCall call, long number, out long started)
    {
        started = startedAt;
        return number == lastBegun && lastAnswered < number ? Overrun.Function : Overrun.None;
    }

    public override Task StopAsync(TimeSpan grace)
    {
        IsGone = stopped = true;
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        IsGone = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>What runs, where that has a timeout.</summary>
    public (Call Call, Fate Fate, int Attempt)? RunningTimed =>
        IsGone || retired ? null
        : dispatched is { Options.Timeout: not null } call && hasBegun ? (call, call.Fate, call.Attempt)
        : lastBegun > lastAnswered && handed.TryPeek(out QuickCall? quick) && quick.IsTimed ? (quick, quick is IModelItems batch ? batch.ItemOf(lastBegun) : ((ModelQuickCall)quick).Fate, quick.Attempt)
        : null;

    // --- What it does ---

    /// <summary>Its next call, or item, begins.</summary>
    public void Begin()
    {
        if (IsGone || retired)
            return;
        while (lastBegun == lastAnswered && handed.TryPeek(out QuickCall? first) && first is BatchCall { First: var from, Count: var count } && lastAnswered >= from + count - 1)
            handed.Dequeue();   // the rest of it was taken back
        if (dispatched is { } call && !hasBegun)
        {
            if (!owner.OnBegun(this, call, debuggerAttached: false))
            {
                dispatched = null;   // it has ended, or is elsewhere
                return;
            }
            hasBegun = true;
            kind.OnBegun(this, call, call.Fate);
        }
        else if (lastBegun == lastAnswered && handed.TryPeek(out QuickCall? quick))
        {
            lastBegun = Math.Max(lastBegun + 1, quick.First);
            lastAnswered = lastBegun - 1;   // numbers that were recalled are passed over
            startedAt = kind.Clock.GetTimestamp();
            kind.OnBegun(this, quick, quick is IModelItems batch ? batch.ItemOf(lastBegun) : ((ModelQuickCall)quick).Fate);
        }
    }

    /// <summary>What runs ends. <paramref name="late"/>: of quick calls, nobody has heard of it yet.</summary>
    public void Finish(Outcome outcome, bool unfit, bool late = false)
    {
        if (IsGone || retired)
            return;
        if (dispatched is { } call && hasBegun)
        {
            dispatched = null;
            call.Fate.Answer(this, outcome, kind.Clock.GetUtcNow());
            owner.OnFinished(this, call, outcome, unfit);
        }
        else if (lastBegun > lastAnswered && handed.TryPeek(out QuickCall? quick))
        {
            lastAnswered = lastBegun;
            if (quick is BatchCall batch)
                FinishItem(batch, outcome);
            else
                FinishQuick((ModelQuickCall)quick, outcome, unfit);
            if (!late)
                Hear();
        }
        else if (interleaved.Count > 0)
        {
            call = interleaved[0];
            interleaved.RemoveAt(0);
            call.Fate.Answer(this, outcome, kind.Clock.GetUtcNow());
            owner.OnFinished(this, call, outcome, workerUnfit: false);
        }
    }

    private void FinishQuick(ModelQuickCall quick, Outcome outcome, bool unfit)
    {
        handed.Dequeue();
        quick.Fate.Answer(this, outcome, kind.Clock.GetUtcNow());
        unheard.Enqueue(() =>
        {
            if (outcome == Outcome.Done && !unfit)
                owner.OnQuickSucceeded(this, [quick]);
            else
                owner.OnQuickFinished(this, quick, outcome == Outcome.Done ? null : outcome, unfit);
        });
    }

    private void FinishItem(BatchCall batch, Outcome outcome)
    {
        var items = (IModelItems)batch;
        long number = lastAnswered;
        items.ItemOf(number).Answer(this, outcome, kind.Clock.GetUtcNow());
        if (number >= batch.First + batch.Count - 1)
            handed.Dequeue();
        unheard.Enqueue(() =>
        {
            if (outcome == Outcome.Done)
            {
                items.Answer(number);
            }
            else
            {
                batch.Answering = (int)(number - batch.First);
                batch.FailItem(outcome);
            }
            if (batch.CountAnswer())
                owner.OnQuickSucceeded(this, [batch]);
            else
                batch.Progressed();
        });
    }

    /// <summary>The scheduler hears of all that it has answered.</summary>
    public void Hear()
    {
        while (!IsGone && !retired && unheard.TryDequeue(out Action? answer))
            answer();
    }

    /// <summary>What runs waits for something, and leaves room.</summary>
    public void Interleave()
    {
        if (IsGone || dispatched is not { } call || !hasBegun || kind.MaxInterleaved == 1)
            return;
        dispatched = null;
        interleaved.Add(call);
        owner.OnInterleaved(this, call);
    }

    /// <summary>It dies by itself.</summary>
    public void Die()
    {
        if (IsGone || !IsStarted)
            return;
        Hear();   // what it wrote counts
        if (IsGone)
            return;
        IsGone = true;
        death = static _ => Crash();
        owner.OnLost(this, death);
    }

    private static WorkerCrashedException Crash() => new("It fell.", CrashReason.Signal, null, 11, [], []);
}
