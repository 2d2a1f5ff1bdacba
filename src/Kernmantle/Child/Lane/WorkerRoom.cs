using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>Waiting until the host has taken something. Several threads may.</summary>
internal sealed unsafe class WorkerRoom(LinkWords* words, AdaptiveSpin spin)
{
    private readonly LinkWords* words = words;

    /// <summary>Sleeps until it has, unless there is room already; may return for no reason.</summary>
    public void Wait(Func<bool> isFull)
    {
        int seen = Volatile.Read(ref words->RoomBell);
        Interlocked.Increment(ref words->WorkerBlocked);   // set first, then a look: who makes room looks after it has
        if (isFull())
            Futex.Wait(ref words->RoomBell, seen);
        Interlocked.Decrement(ref words->WorkerBlocked);
    }

    /// <summary>The same, for who may have room soon: looks for it before it sleeps.</summary>
    public void LookAndWait(Func<bool> isFull)
    {
        if (!Look(isFull))
            Wait(isFull);
    }

    /// <summary>Looks for room for a while. True: there is some.</summary>
    public bool Look(Func<bool> isFull)
    {
        if (!spin.IsWorthwhile)
            return false;
        var wait = new AdaptiveSpin.Wait(spin, woke: false);
        do
        {
            if (!isFull())
            {
                wait.Succeeded();
                return true;
            }
        }
        while (wait.Next());
        return false;
    }

    /// <summary>Ends the sleep of who waits, without room.</summary>
    public void Wake() => Futex.Signal(ref words->RoomBell);
}
