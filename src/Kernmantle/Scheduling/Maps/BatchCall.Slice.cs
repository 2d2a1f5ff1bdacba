using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Scheduling.Maps;

/// <summary>A slice: the items lie where the worker and the host see them, and the host takes results as it learns that they are there.</summary>
internal abstract partial class BatchCall
{
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
}
