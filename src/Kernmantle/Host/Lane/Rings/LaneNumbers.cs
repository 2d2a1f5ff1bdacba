using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>
/// Which numbers a worker was given, which it has begun (as it says in a word), and which it has answered. Numbers are given, and taken back, under
/// <see cref="LaneEnd.Gate"/>, and answered by who takes the answers.
/// </summary>
internal sealed unsafe class LaneNumbers(LaneMemory memory, LaneEnd end)
{
    private const long Bits = LinkWords.Recall | LinkWords.Retired;

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

    public void Answer(long number)
    {
        answered = number;
        Volatile.Write(ref taken, taken + 1);
    }

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
        if (end.IsClosed || !TryForbid(out long begun) || !CheckBegun(begun, Answered))
            return false;
        (first, last) = (begun + 1, offered);
        Volatile.Write(ref recalled, recalled + (last - begun));
        return true;
    }

    /// <summary>The worker, if it still lives, begins nothing more: what it has begun by now is known for good. Under the lock.</summary>
    public void Retire() => lastBegun = Interlocked.Or(ref words->Begun, Bits) & ~Bits;

    private long Begun => Volatile.Read(ref words->Begun) & ~Bits;

    /// <summary>Forbids the worker to begin any more. False: it is forbidden already.</summary>
    private bool TryForbid(out long begun)
    {
        begun = Volatile.Read(ref words->Begun);
        while (begun >= 0)
        {
            long before = Interlocked.CompareExchange(ref words->Begun, begun | LinkWords.Recall, begun);
            if (before == begun)
                return true;
            begun = before;
        }
        return false;
    }

    private bool CheckBegun(long begun, long answeredBefore)
    {
        if (begun >= answeredBefore && begun <= offered)
            return true;
        end.Fail(new ProtocolViolationException($"quick call {begun} begun; {answeredBefore} is answered and {offered} is the last"));
        return false;
    }
}
