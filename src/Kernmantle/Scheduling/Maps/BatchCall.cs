using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Scheduling.Maps;

/// <summary>
/// Items of a map that travel as one: a worker begins, and answers, each by itself, and each has its own number. What has not begun can be
/// split off, and goes elsewhere.
/// </summary>
internal abstract class BatchCall : QuickCall
{
    private int done;
    private int finished;
    private int count;

    // --- A slice: the items lie where the worker and the host see them ---

    private readonly Lock reaping = new();
    private ISliceMemory? memory;
    private int resultsAt;
    private int failuresAt;

    /// <summary>Its items cross as their bits; null: each is encoded.</summary>
    public SliceShape? Slice { get; private protected init; }

    /// <summary>Only what is encoded takes room: the inputs of a slice stay where they are until it is handed over.</summary>
    public sealed override int Places => Slice is null ? Count : 1;

    /// <summary>The worker gets its items there: copies the inputs.</summary>
    public void Place(ISliceMemory where, int results, int failures)
    {
        lock (reaping)
        {
            CopyInputs(where.Part(0, Count * Slice!.Value.InputBytes));
            where.Part(failures, (Count + 7) / 8).Clear();
            (memory, resultsAt, failuresAt) = (where, results, failures);
        }
    }

    /// <summary>Of a slice: takes the results of all items up to that number, which the worker has done. Nothing, where it has no memory.</summary>
    /// <param name="through">The number.</param>
    /// <param name="isOver">The worker has said of all of them that failed how, or will say nothing any more.</param>
    public void Reap(long through, bool isOver)
    {
        lock (reaping)
        {
            if (memory is null)
                return;
            int end = (int)Math.Min(through - First + 1, Count);
            while (done < end)
            {
                int good = done + GoodFrom(done, end - done);
                if (good > done)
                    TakeResults(memory.Part(resultsAt + (done * Slice!.Value.ResultBytes), (good - done) * Slice.Value.ResultBytes), done, good - done);
                Volatile.Write(ref done, good);
                if (good == end || !isOver)
                    return;
                Fail(good, Outcome.Failed(new WorkerCrashedException($"{Name} threw, and its worker was ended before what it threw was heard.", CrashReason.Killed, null, null, [], ["Another item on the same worker took too long, or was cancelled."])));
            }
        }
    }

    private protected abstract void CopyInputs(Span<byte> to);

    private protected abstract void TakeResults(ReadOnlySpan<byte> results, int from, int count);

    /// <summary>It ends as a whole: so do its items that are not answered.</summary>
    private protected void EndRest(Outcome outcome)
    {
        lock (reaping)
        {
            for (int i = done; i < Count; i++)
                SetFailure(i, outcome);
            Volatile.Write(ref done, Count);
        }
        GiveMemoryBack();
    }

    /// <summary>It is the worker's no more, or its results are all here.</summary>
    private protected void GiveMemoryBack()
    {
        ISliceMemory? left;
        lock (reaping)
            (left, memory) = (memory, null);
        left?.GiveBack();
    }

    public sealed override void TakeBack()
    {
        base.TakeBack();
        GiveMemoryBack();
    }

    /// <summary>How many of so many items from there on have not failed, before one that has.</summary>
    private int GoodFrom(int from, int count)
    {
        ReadOnlySpan<byte> failed = memory!.Part(failuresAt, (Count + 7) / 8);
        for (int i = from; i < from + count; i++)
        {
            if ((i & 7) == 0 && failed[(i >> 3)..].IndexOfAnyExcept((byte)0) is var clear && clear != 0)
            {
                i = clear < 0 ? from + count : i + (clear * 8) - 1;
                continue;
            }
            if ((failed[i >> 3] & (1 << (i & 7))) != 0)
                return i - from;
        }
        return count;
    }

    // --- Its items ---

    /// <summary>How many items it has left to answer, or had when it was handed over.</summary>
    public override int Count => Volatile.Read(ref count);

    /// <summary>The item that is being answered, from 0.</summary>
    public int Answering { get; set; }

    /// <summary>What is not plain is kept, and read by the consumer.</summary>
    public sealed override bool IsPlain => true;

    /// <summary>The result of the item <see cref="Answering"/>.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are no result.</exception>
    public abstract override void ReadResult(ref PayloadReader reader);

    /// <summary>Its failure.</summary>
    public void FailItem(Outcome outcome)
    {
        if (Slice is null)
        {
            Fail(Answering, outcome);
            return;
        }
        lock (reaping)
        {
            int item = Answering;
            if (memory is null)
                return;   // it has ended otherwise
            Reap(First + item - 1, isOver: true);
            if (done > item)
                return;   // its worker is being ended, and it has a failure already
            Fail(item, outcome);
        }
    }

    private void Fail(int item, Outcome outcome)
    {
        FailedItems++;   // answers of one worker are taken one at a time
        SetFailure(item, outcome);
        if (Slice is not null)
            Volatile.Write(ref done, item + 1);
    }

    private protected abstract void SetFailure(int item, Outcome outcome);

    public sealed override CallTally Tally(Outcome outcome)
    {
        int answered = Math.Min(Done, Count);
        CallTally rest = CallTally.Of(Count - answered, outcome);
        return rest with { Completed = rest.Completed + answered - FailedItems, Failed = rest.Failed + FailedItems };
    }

    /// <summary>The consumer may look for results.</summary>
    public abstract void Progressed();

    /// <summary>The items after the one with that number as a call of their own; null if there are none. Under the pool's lock.</summary>
    public BatchCall? SplitOff(long last) => SplitAfter((int)Math.Max(0, last - First + 1));

    /// <summary>The items after that many as a call of their own; null if there are none. Under the pool's lock.</summary>
    public BatchCall? SplitAfter(int mine)
    {
        lock (reaping)
        {
            if (Slice is not null)
                mine = Math.Max(mine, done);   // a worker that answers what it has not begun lies to itself only
            int rest = Count - mine;
            if (rest <= 0)
                return null;
            SetCount(mine);
            BatchCall split = Part(mine, rest);
            split.CancelRequested = CancelRequested;
            return split;
        }
    }

    private protected abstract BatchCall Part(int from, int items);

    /// <summary>Sends the items one by one, by the common way: to a worker without a quick one.</summary>
    public abstract void Scatter(Submission calls);

    /// <summary>One more is answered. True: it was the last, and nobody else was told so.</summary>
    public bool CountAnswer()
    {
        if (Slice is null)
            Interlocked.Increment(ref done);
        return IsAnswered();
    }

    /// <summary>True once, when all items are answered.</summary>
    public bool IsAnswered() => Volatile.Read(ref done) >= Volatile.Read(ref count) && Interlocked.Exchange(ref finished, 1) == 0;

    private protected void SetCount(int items)
    {
        Volatile.Write(ref count, items);
        Interlocked.MemoryBarrier();   // written before looking at the answers, so that at least one of the two sides sees the other
    }

    /// <summary>How many items are answered.</summary>
    private protected int Done => Volatile.Read(ref done);
}
