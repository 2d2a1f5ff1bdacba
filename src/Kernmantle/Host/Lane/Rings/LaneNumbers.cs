using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>
/// Which numbers a worker was given, which it has begun (as it says in a word), and which it has answered. Numbers are given, and taken back, under
/// <see cref="LaneEnd.Gate"/>, and answered by who takes the answers.
/// </summary>
internal sealed unsafe class LaneNumbers(LaneMemory memory, LaneEnd end)
{
    /// <summary>A worker changes the word once or twice before it sees that nothing may begin; one that goes on is hostile, and what it says does not matter.</summary>
    private const int MostChanges = 100;

    private readonly LinkWords* words = memory.Words;
    private long offered;
    private long answered;
    private long taken;
    private long recalled;
    private long lastBegun;

    /// <summary>The last number that was given.</summary>
    public long Offered => Volatile.Read(ref offered);

    /// <summary>The last number that was answered: answers come in order.</summary>
    public long Answered => Volatile.Read(ref answered);

    /// <summary>There are numbers that are neither answered nor taken back.</summary>
    public bool AreOpen => Volatile.Read(ref offered) - Volatile.Read(ref recalled) != Volatile.Read(ref taken);

    /// <summary>Gives so many more, before the worker can answer the first of them.</summary>
    public void Offer(int count) => Volatile.Write(ref offered, offered + count);

    /// <summary>The last so many were not given after all.</summary>
    public void Withdraw(int count) => offered -= count;

    public bool MayBeAnswered(long number) => number > answered && number <= Volatile.Read(ref offered);

    /// <summary>That number is answered, and with it those before it from <paramref name="first"/> on.</summary>
    public void Answer(long number, long first)
    {
        long count = number - Math.Max(answered, first - 1);
        answered = number;
        Volatile.Write(ref taken, taken + count);
    }

    /// <summary>Items of a map are under way, or were: they may be marked by plain stores.</summary>
    public bool HasItems { get; set; }

    /// <summary>The worker has nothing else to do, and has not begun.</summary>
    public bool IsNextAndNotBegun(long number) => Answered >= number - 1 && Begun < number;

    /// <summary>The number that the worker has begun last; after the end that which it had begun then.</summary>
    public long LastBegun
    {
        get
        {
            lock (end.Gate)
            {
                if (end.IsClosed)
                    return lastBegun;
                long before = Answered;
                long begun = Begun;
                CheckBegun(begun, before);
                return begun;
            }
        }
    }

    /// <summary>What has not begun, shall not, until it is told to resume. False: it has not yet answered the last recall, or the connection has ended. Under the lock.</summary>
    public bool TryRecall(out long first, out long last)
    {
        (first, last) = (0, 0);
        if (end.IsClosed || !TryForbid())
            return false;
        long begun = Settle();
        if (!CheckBegun(begun, Answered))
            return false;
        (first, last) = (begun + 1, offered);
        Volatile.Write(ref recalled, recalled + (last - begun));
        return true;
    }

    /// <summary>The worker, if it still lives, begins nothing more: what it has begun by now is known for good. Under the lock.</summary>
    public void Retire()
    {
        Interlocked.Or(ref words->Begun, LinkWords.Recall | LinkWords.Retired);
        lastBegun = Settle();
    }

    private long Begun => SliceMarks.LastBegun(words);

    /// <summary>Forbids the worker to begin any more. False: it is forbidden already.</summary>
    private bool TryForbid() => Interlocked.Or(ref words->Begun, LinkWords.Recall) >= 0;

    /// <summary>After that: which it has begun last, for good. A worker that marks by plain stores has either seen the bit, or its mark is seen here.</summary>
    private long Settle()
    {
        if (HasItems)
            RemoteBarrier.Force();
        for (int i = 0; ; i++)
        {
            long seen = Volatile.Read(ref words->Begun);
            if ((seen & LinkWords.Settled) != 0)
                return seen & ~LinkWords.BegunBits;
            long begun = Math.Max(seen & ~LinkWords.BegunBits, Volatile.Read(ref words->SliceItem));
            long settled = (seen & LinkWords.BegunBits) | LinkWords.Settled | begun;
            if (Interlocked.CompareExchange(ref words->Begun, settled, seen) == seen)
                return begun;
            if (i == MostChanges)
            {
                Volatile.Write(ref words->Begun, settled);
                return begun;
            }
        }
    }

    private bool CheckBegun(long begun, long answeredBefore)
    {
        if (begun >= answeredBefore && begun <= offered)
            return true;
        end.Fail(new ProtocolViolationException($"quick call {begun} begun; {answeredBefore} is answered and {offered} is the last"));
        return false;
    }
}
