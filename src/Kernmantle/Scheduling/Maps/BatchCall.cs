using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>
/// Items of a map, or calls that joined, that travel as one: a worker begins, and answers, each by itself, and each has its own number. What has not begun can be
/// split off, and goes elsewhere.
/// </summary>
internal abstract partial class BatchCall : QuickCall
{
    private int done;
    private int finished;
    private int count;

    /// <summary>How many items it has left to answer, or had when it was handed over.</summary>
    public override int Count => Volatile.Read(ref count);

    /// <summary>The item that is being answered, from 0.</summary>
    public int Answering { get; set; }

    /// <summary>What is not plain is kept, and read by the consumer.</summary>
    public sealed override bool IsPlain => true;

    /// <summary>The result of the item <see cref="Answering"/>.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are no result.</exception>
    public abstract override void ReadResult(ref PayloadReader reader);

    /// <summary>The results of so many items, each behind its length. True: they were the last, and nobody else was told so.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are no results; what stands before that is answered.</exception>
    public bool TakeResults(int item, int count, ReadOnlySpan<byte> answers)
    {
        int read = 0;
        try
        {
            ReadResults(item, count, answers, ref read);
        }
        finally
        {
            Interlocked.Add(ref done, read);
        }
        return IsAnswered();
    }

    private protected abstract void ReadResults(int item, int count, ReadOnlySpan<byte> answers, ref int read);

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

    public override CallTally Tally(Outcome outcome)
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
            split.CancelRequested = IsGivenUpAsOne;
            split.Watch = Watch?.Span is { } span ? new() { Span = span } : null;   // it is part of that, and not told of by itself
            return split;
        }
    }

    private protected abstract BatchCall Part(int from, int items);

    /// <summary>All its items are given up.</summary>
    private protected virtual bool IsGivenUpAsOne => CancelRequested;

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
