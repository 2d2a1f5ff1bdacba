using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>The word that says what the caller of a number does until that is answered, and the bell on which it sleeps.</summary>
internal sealed unsafe class LaneCaller(LaneMemory memory, LaneEnd end, LaneNumbers numbers)
{
    private readonly LinkWords* words = memory.Words;

    /// <summary>To be read before the last look at whether to sleep: a bell that rings from then on ends the sleep.</summary>
    public int Bell => Volatile.Read(ref words->CallerBell);

    /// <summary>Where the caller is about to sleep.</summary>
    public void TellProcessor() => Volatile.Write(ref words->CallerProcessor, Processors.Current + 1);

    public void Sleep(int bell) => Futex.Wait(ref words->CallerBell, bell);

    /// <summary>Wakes whoever attends a number here that has gone elsewhere.</summary>
    public void Wake()
    {
        lock (end.Gate)
        {
            if (!end.IsClosed)
                Signal();
        }
    }

    /// <summary>Under the lock, before the memory is gone.</summary>
    public void Signal() => Futex.Signal(ref words->CallerBell);

    /// <summary>Says what the caller does; a full fence. False if a later one has said so already: then this number has been answered.</summary>
    public bool TellWorker(long number, int state)
    {
        long mine = number << 2 | (uint)state;
        long seen = Volatile.Read(ref words->CallerWaiting);
        while (seen >> 2 <= number)
        {
            long before = Interlocked.CompareExchange(ref words->CallerWaiting, mine, seen);
            if (before == seen)
                return true;
            seen = before;
        }
        if (seen >> 2 > numbers.Offered)
            end.Fail(new ProtocolViolationException($"a caller of quick call {seen >> 2}; {numbers.Offered} is the last"));
        return false;
    }
}
