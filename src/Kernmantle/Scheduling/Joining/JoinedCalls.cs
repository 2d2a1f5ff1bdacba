using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Scheduling.Joining;

/// <summary>Calls of one function, with the same options, that <see cref="Joiner"/> has put together. They are a batch to their worker, and each is its own caller's.</summary>
internal abstract class JoinedCalls(Scheduler scheduler) : BatchCall
{
    /// <summary>Enough that what they share costs each next to nothing, few enough that no worker has much more to do than another.</summary>
    public const int Most = 64;

    /// <summary>The largest payload of one, in bytes: of larger ones copying is what costs.</summary>
    public const int LargestPayload = 512;

    /// <summary>What they may carry together, in bytes, and of it what is none of their payloads.</summary>
    private const int MostBytes = 16 << 10, Overhead = 64;

    /// <summary>How long they may be expected to take together, in microseconds.</summary>
    private const double Longest = 50;

    private readonly Lock telling = new();

    /// <summary>So many know how they came out, or are just being told.</summary>
    private int told;

    /// <summary>So many are in the pool's figures. Guarded by its lock.</summary>
    private int accounted;

    /// <summary>So many were answered when they ended.</summary>
    private int answered;

    private protected Scheduler Pool => scheduler;

    /// <summary>Some of them were given up when that could not be told to their worker.</summary>
    public bool AwaitsCancel { get; set; }

    /// <summary>All of them were given up, by somebody who sees them as one (<see cref="Interventions"/>).</summary>
    public bool AllGivenUp { get; set; }

    /// <summary>They are different callers': that one gives up says nothing of the others.</summary>
    private protected sealed override bool IsGivenUpAsOne => AllGivenUp;

    /// <summary>So short that it may wait for another one.</summary>
    public static bool IsShort(QuickCall call) => call.Function!.Duration.Estimate <= Longest / 2;

    public static bool AreAlike(QuickCall one, QuickCall other) =>
        one.Function == other.Function && ReferenceEquals(one.Options, other.Options) && one.Bound == other.Bound;

    /// <summary>One more, which is like them, if there is room for it. While they are the last in their queue.</summary>
    public bool TryAdd(QuickCall call)
    {
        bool hasRoom = Count < Most && (Count + 1) * call.Function!.Duration.Estimate <= Longest && Payload.Length + call.Payload.Length <= Math.Min(MostBytes, scheduler.Kind.LargestInRing) - Overhead;
        if (!hasRoom || !AreAlike(this, call) || !TryTake(call))
            return false;
        SetCount(Count + 1);
        return true;
    }

    private protected abstract bool TryTake(QuickCall call);

    /// <summary>Those after that many, as calls of their own; null if there are none.</summary>
    public JoinedCalls? Split(int mine) => (JoinedCalls?)SplitAfter(mine);

    /// <summary>The part of those that joined together to which that one belongs now.</summary>
    public abstract JoinedCalls PartWith(int number);

    /// <summary>The place of one that belongs to them.</summary>
    public abstract int IndexOf(QuickCall call);

    /// <summary>Of those that have not been told of their end: what their callers gave up.</summary>
    public abstract IEnumerable<QuickCall> GivenUp();

    // --- Ends ---

    /// <summary>How they came out, of which those from the first on are answered.</summary>
    private protected abstract CallTally TallyOf(int from, int to);

    /// <summary>Under the pool's lock, once: what <see cref="Progressed"/> has not said.</summary>
    public sealed override CallTally Tally(Outcome outcome)
    {
        answered = Math.Min(Done, Count);
        CallTally good = TallyOf(accounted, answered), rest = CallTally.Of(Count - answered - Bystanders(outcome), outcome);
        accounted = Count;
        return new(good.Completed + rest.Completed, good.Failed + rest.Failed + Bystanders(outcome), good.Cancelled + rest.Cancelled);
    }

    /// <summary>
    /// How many of those that are not answered ended because of another one of them: what one that runs came to, by its caller or by its timeout, is not what became of those whose answers were not heard in time.
    /// </summary>
    private int Bystanders(Outcome outcome) => First > 0 && (outcome.IsCancelled || outcome.Failure is CallTimeoutException) ? Math.Max(0, Count - answered - 1) : 0;

    /// <summary>Those are told that are answered, but for the last: they are told when the accounts of all are made.</summary>
    public sealed override void Progressed()
    {
        int done = Done;
        if (done <= Volatile.Read(ref told) || done >= Count)
            return;
        lock (scheduler.Gate)
        {
            if (State == CallState.Ended)
                return;   // which tells them
            scheduler.Ledger.Answered(this, TallyOf(accounted, done));
            accounted = done;
        }
        TellUpTo(done);
    }

    public sealed override void Finish() => TellUpTo(Count);

    public sealed override void Complete(Outcome outcome)
    {
        int bystanders = Bystanders(outcome);
        for (int i = answered; i < Count; i++)   // also those that are answered by now: they were counted so
            SetFailure(i, i < answered + bystanders ? Outcome.Failed(Killing.Meanwhile(this)) : outcome);
        TellUpTo(Count);
    }

    private void TellUpTo(int end)
    {
        int from;
        lock (telling)
        {
            from = told;
            told = Math.Max(told, end);
        }
        Tell(from, end);   // not under a lock: a context of the user's may be posted to
    }

    /// <summary>Completes the tasks of those.</summary>
    private protected abstract void Tell(int from, int end);

    // --- They are no slice, and are never used again ---

    private protected sealed override void CopyInputs(Span<byte> to) => throw NoSlice();

    private protected sealed override void TakeResults(ReadOnlySpan<byte> results, int from, int count) => throw NoSlice();

    private static InvalidOperationException NoSlice() => new("Calls that joined are no slice.");

    public sealed override void KeepResult(ReadOnlySpan<byte> body) => throw new InvalidOperationException("Results of calls that joined are read as they come.");

    public sealed override void Collect()
    {
        // They are told as they are answered.
    }

    public sealed override void Enter()
    {
        // Never used again.
    }

    public sealed override void Leave()
    {
        // Never used again.
    }
}
